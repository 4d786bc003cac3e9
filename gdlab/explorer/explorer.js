/*
 * The explorer: it descends by itself what a table tells, a lane at a time.
 *
 * `gdlab.explore(root, code)` brings the section `root` to life. Its data are JSON in the section:
 * see gdlab/explorer/section.py. `code` has the objective's value(x) and gradient(x) and the
 * method's step(x, memory, alpha), operation by operation as gdlab takes them; so they round alike.
 */
globalThis.gdlab = (() => {
  "use strict";

  const STATUSES = ["converged", "cycling", "max_iter", "diverged"];
  const [CONVERGED, CYCLING, MAX_ITER, DIVERGED] = STATUSES.keys();
  const UNFINISHED = -1;
  const LONGEST = 100_000; // iterations that a page follows
  const SECONDS = 5; // that a long descent takes to play
  const NEAR = 0.08; // of a cell, within which a slider takes the grid's own value
  const SAMPLES = 101; // of f along each side of a picture of its contours
  const [LEVELS, SMALLEST_LEVEL] = [15, 1e-6]; // contours, and the lowest as a share of the highest
  const MOST_DRAWN = 2000; // points of a line
  const FONT = '12px system-ui, "DejaVu Sans", sans-serif';

  // ---- The descent, in the order of gdlab.core

  /** Follow a lane to its verdict; path has the coordinates of x_0, x_1, … one after another. */
  function descend(data, code, alpha, start) {
    const x = start.slice();
    const before = start.slice();
    const memory = new Array(data.memory).fill(0);
    const path = start.slice();
    if (!Number.isFinite(code.value(start))) {
      return { status: DIVERGED, steps: 1, path: path.concat(start.map(() => Number.NaN)) };
    }
    const measure = measures[data.criterion];
    const last = Math.min(data.maxIter, LONGEST);
    for (let k = 1; k <= last; k++) {
      advance(code, x, before, memory, alpha, path);
      if (!isWithin(x, data.escape)) return { status: DIVERGED, steps: k, path };
      if (measure(x, before, data, code) < data.threshold) {
        return { status: CONVERGED, steps: k, path };
      }
    }
    if (last < data.maxIter) return { status: UNFINISHED, steps: last, path };
    const orbit = x.slice();
    for (let k = 0; k < data.watch.length; k++) advance(code, x, before, memory, alpha, orbit);
    const period = periodOf(orbit, x.length, data.watch);
    return { status: period ? CYCLING : MAX_ITER, steps: last, path, period };
  }

  function advance(code, x, before, memory, alpha, path) {
    for (let i = 0; i < x.length; i++) before[i] = x[i];
    code.step(x, memory, alpha);
    for (let i = 0; i < x.length; i++) path.push(x[i]);
  }

  /** Whether all coordinates are finite and no larger than escape; NaN is not. */
  function isWithin(x, farthest) {
    for (let i = 0; i < x.length; i++) if (!(Math.abs(x[i]) <= farthest)) return false;
    return true;
  }

  /** What has to be below the threshold; of a norm in the plane it is the square. */
  const measures = {
    step: (x, before) => sizeOf(x, before),
    gradient: (_x, _before, data, code) => sizeOf(code.gradient(_x), data.origin),
    gap: (x, _before, data, code) => code.value(x) - data.minimum,
    distance(x, _before, data) {
      let least = Infinity;
      for (const point of data.minimisers) least = Math.min(least, sizeOf(x, point));
      return least;
    },
  };

  function sizeOf(x, from) {
    if (x.length === 1) return Math.abs(x[0] - from[0]);
    const across = x[0] - from[0];
    const up = x[1] - from[1];
    return across * across + up * up;
  }

  /** The smallest period of an orbit in d dimensions, or 0: that of gdlab.core.cycles. */
  function periodOf(orbit, d, { longest, bound }) {
    let extent = 0;
    for (let i = 0; i < d; i++) {
      let low = orbit[i];
      let high = orbit[i];
      for (let at = i; at < orbit.length; at += d) {
        if (!Number.isFinite(orbit[at])) return 0;
        low = Math.min(low, orbit[at]);
        high = Math.max(high, orbit[at]);
      }
      extent = Math.max(extent, high - low);
    }
    if (!(extent > 0 && extent < Infinity)) return 0;
    for (let p = 2; p <= longest; p++) if (comesBack(orbit, p * d, bound * extent)) return p;
    return 0;
  }

  function comesBack(orbit, distance, bound) {
    for (let at = orbit.length - 1; at >= distance; at--) {
      if (!(Math.abs(orbit[at] - orbit[at - distance]) <= bound)) return false;
    }
    return true;
  }

  // ---- The table

  /** The columns of the table that a page has, from their compressed bytes. */
  async function unpacked(text, n, d) {
    const letters = atob(text);
    const packed = new Uint8Array(letters.length);
    for (let i = 0; i < packed.length; i++) packed[i] = letters.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let first = 0;
    const column = (Type, length) => {
      const size = Type.BYTES_PER_ELEMENT;
      const numbers = new Uint8Array(length * size);
      for (let byte = 0; byte < size; byte++, first += length) {
        for (let i = 0; i < length; i++) numbers[i * size + byte] = bytes[first + i];
      }
      return new Type(numbers.buffer);
    };
    return {
      status: column(Int8Array, n),
      steps: column(Int32Array, n),
      x: column(Float64Array, n * d),
    };
  }

  // ---- Axes

  /**
   * An axis of cells, one a value: cell i is at the place i. Between cells places are spaced evenly,
   * on a logarithmic axis by the logarithm. low and high are the ends of that of a single value.
   */
  class Axis {
    constructor(values, low, high) {
      const isSingle = values.length === 1;
      this.values = values;
      this.knots = isSingle ? [low, ...values, high].filter(isNew) : values;
      this.stride = isSingle ? 0.5 : 1;
      this.first = -this.stride * this.knots.indexOf(values[0]);
      this.last = this.first + this.stride * (this.knots.length - 1);
      this.low = this.knots[0];
      this.high = this.knots.at(-1);
      this.isLogarithmic = isLogarithmic(this.knots);
    }

    /** Where a value stands. */
    place(value) {
      const { knots, stride } = this;
      if (value <= this.low) return this.first;
      if (value >= this.high) return this.last;
      const i = knots.findLastIndex((knot) => knot <= value);
      return this.first + stride * (i + shareOf(value, knots[i], knots[i + 1], this.isLogarithmic));
    }

    /** The value at a place; at a cell its own to the last bit. */
    value(place) {
      const at = (Math.min(Math.max(place, this.first), this.last) - this.first) / this.stride;
      const i = Math.floor(at);
      if (at === i) return this.knots[i];
      return this.short(between(this.knots[i], this.knots[i + 1], at - i, this.isLogarithmic));
    }

    /** A value on the axis, to as few digits as tell a thousand of them apart. */
    short(value) {
      const unit = 10 ** Math.floor(Math.log10(this.high / 1000 - this.low / 1000));
      const rounded = Math.round(value / unit) * unit;
      const near = Number(this.isLogarithmic ? value.toPrecision(4) : rounded.toPrecision(15));
      return clamped(Number.isFinite(near) ? near : value, this.low, this.high);
    }

    /** The cell nearest to a place. */
    cell(place) {
      return Math.min(Math.max(Math.round(place), 0), this.values.length - 1);
    }

    /** How far along the axis a value is drawn, in the middle of its cell. */
    share(value) {
      return (this.place(value) + 0.5) / this.values.length;
    }

    ticks(most) {
      const { values } = this;
      if (values.length <= most) return values;
      return (this.isLogarithmic ? decades : rounds)(values[0], values.at(-1), most);
    }
  }

  const isNew = (value, i, values) => i === 0 || value > values[i - 1];

  /** Whether the middle one of these values is nearer to the geometric mean of the ends. */
  function isLogarithmic(values) {
    const middle = values.length >> 1;
    if (values.length < 3 || values[0] <= 0) return false;
    const off = (log) =>
      Math.abs(
        shareOf(values[middle], values[0], values.at(-1), log) - middle / (values.length - 1),
      );
    return off(true) < off(false);
  }

  /** By what share of the way from low to high a value has gone; halves, lest it overflow. */
  function shareOf(value, low, high, log) {
    if (log) return (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low));
    return (value / 2 - low / 2) / (high / 2 - low / 2);
  }

  function between(low, high, share, log) {
    if (log) return Math.exp(between(Math.log(low), Math.log(high), share));
    return low * (1 - share) + high * share;
  }

  /** Round values from low to high, at most about so many. */
  function rounds(low, high, most) {
    const raw = high / most - low / most;
    const ten = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((digit) => digit * ten).find((size) => size >= 0.999 * raw);
    const first = Math.ceil(low / step - 1e-9);
    const n = Math.floor(high / step + 1e-9) - first + 1;
    if (!(step > 0 && n > 1)) return low < high ? [low, high] : [low];
    return Array.from({ length: n }, (_none, i) => Number(((first + i) * step).toPrecision(12)));
  }

  /** Powers of ten from low to high, with 2 and 5 times them where they are few. */
  function decades(low, high, most) {
    const tens = Array.from({ length: 700 }, (_none, i) => i - 350);
    for (const digits of [[1], [1, 2, 5]]) {
      const found = tens
        .flatMap((ten) => digits.map((digit) => Number(`${digit}e${ten}`)))
        .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
      const apart = Math.ceil(found.length / most);
      if (found.length >= 3) return found.filter((_value, i) => i % apart === 0);
    }
    return rounds(low, high, 4);
  }

  const clamped = (value, low = 0, high = 1) => Math.min(Math.max(value, low), high);
  const leastOf = (values) =>
    values.filter(Number.isFinite).reduce((least, own) => Math.min(least, own), Infinity);
  const same = (x, y) => x.every((own, i) => Object.is(own, y[i]));

  // ---- Words

  /** A number, by default to the last digit that tells it from others. */
  function written(value, digits) {
    const kept = digits && Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
    const size = Math.abs(kept);
    const isPlain = size === 0 || !Number.isFinite(kept) || (size >= 1e-4 && size < 1e6);
    return (isPlain ? String(kept) : kept.toExponential()).replace("e+", "e").replaceAll("-", "−");
  }

  const point = (x, digits) => {
    const texts = x.map((own) => written(own, digits));
    return x.length === 1 ? texts[0] : `(${texts.join(", ")})`;
  };
  const grouped = (n) => n.toLocaleString("en");
  const iterations = (n) => `${grouped(n)} iteration${n === 1 ? "" : "s"}`;
  const powerOfTen = (n) =>
    `10${String(n).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)])}`;
  const decapitalised = (text) => text[0].toLowerCase() + text.slice(1);

  function verdictOf({ status, steps, period }) {
    if (status === CONVERGED) return `Converged after ${iterations(steps)}`;
    if (status === DIVERGED) return `Diverged after ${iterations(steps)}`;
    if (status === MAX_ITER) return `Not converged after ${iterations(steps)}`;
    if (status === CYCLING) return period ? `Cycling with period ${period}` : "Cycling";
    return `No verdict after ${iterations(steps)}, and this page follows no more`;
  }

  /** What the table says of a lane that was descended here, its own row being `row`. */
  function compared(lane, row, rounding) {
    if (!row) return { kind: "none", text: "Between grid points: not in the table." };
    const own = rounding.length ? `: browsers round ${rounding.join(", ")} in their own way` : "";
    const said = `The table says: ${decapitalised(verdictOf(row))}`;
    if (lane.status === UNFINISHED) return { kind: "none", text: `${said}.` };
    if (row.status !== lane.status || row.steps !== lane.steps) {
      return { kind: "apart", text: own ? `${said}${own}.` : `${said}. This page does not.` };
    }
    if (same(lane.last, row.last)) {
      return { kind: "same", text: "As in the table, to the last bit." };
    }
    const text = `As in the table, but for its last iterate ${point(row.last)}`;
    return own ? { kind: "near", text: `${text}${own}.` } : { kind: "apart", text: `${text}.` };
  }

  // ---- Drawing

  /** A canvas with margins, and a background that is drawn again only when its key changes. */
  class Sheet {
    constructor(canvas, bottom) {
      this.canvas = canvas;
      this.margins = { left: 56, right: 10, top: 22, bottom };
      this.back = document.createElement("canvas");
      this.measure();
    }

    /** Take the size that the page gives. */
    measure() {
      const { canvas, margins } = this;
      this.ratio = globalThis.devicePixelRatio || 1;
      this.width = canvas.clientWidth;
      this.height = canvas.clientHeight;
      for (const own of [canvas, this.back]) {
        own.width = Math.round(this.width * this.ratio);
        own.height = Math.round(this.height * this.ratio);
      }
      this.wide = Math.max(this.width - margins.left - margins.right, 1);
      this.high = Math.max(this.height - margins.top - margins.bottom, 1);
      this.box = [margins.left, margins.top, this.wide, this.high];
      this.key = null;
    }

    /** Draw the background, if it is another one than before, and give the pen for the rest. */
    begin(key, drawBackground) {
      const [pen, back] = [this.canvas, this.back].map((own) => own.getContext("2d"));
      for (const own of [pen, back]) {
        own.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        own.font = FONT;
      }
      if (key !== this.key) {
        this.key = key;
        back.clearRect(0, 0, this.width, this.height);
        drawBackground(back);
      }
      pen.clearRect(0, 0, this.width, this.height);
      pen.drawImage(this.back, 0, 0, this.width, this.height);
      return pen;
    }

    /** Let what is drawn stay between the axes. */
    clipped(pen, draw) {
      pen.save();
      pen.beginPath();
      pen.rect(...this.box);
      pen.clip();
      draw();
      pen.restore();
    }

    /** Where a point is, given as shares of the axes; far outside it stays near enough to draw. */
    at([x, y]) {
      const { left, top } = this.margins;
      return [left + clamped(x, -9, 9) * this.wide, top + (1 - clamped(y, -9, 9)) * this.high];
    }

    /** Where on the axes a pointer is, as two shares, or null. */
    under(event) {
      const { left, top } = this.margins;
      const box = this.canvas.getBoundingClientRect();
      const x = (event.clientX - box.left - left) / this.wide;
      const y = 1 - (event.clientY - box.top - top) / this.high;
      return same([x, y], [clamped(x), clamped(y)]) ? [x, y] : null;
    }

    /** Axes with ticks [share, text], of which those that would overlap are left out. */
    axes(pen, { edge, quiet, ink }, { bottom, left, below, beside }) {
      const [x, y] = this.at([0, 0]);
      pen.strokeStyle = edge;
      pen.lineWidth = 1;
      pen.strokeRect(...this.box);
      pen.fillStyle = quiet;
      pen.textBaseline = "middle";
      pen.textAlign = "center";
      let free = 0;
      for (const [share, text] of bottom) {
        const half = pen.measureText(text).width / 2;
        const across = Math.min(this.at([share, 0])[0], this.width - half - 1);
        if (across - half < free) continue;
        free = across + half + 8;
        pen.fillText(text, across, y + 13);
      }
      pen.textAlign = "right";
      free = Infinity;
      for (const [share, text] of left) {
        const up = this.at([0, share])[1];
        if (up + 7 > free) continue;
        free = up - 7;
        pen.fillText(text, x - 6, up, x - 8);
      }
      pen.fillStyle = ink;
      pen.fillText(below, x + this.wide, this.height - 7, this.wide);
      pen.textAlign = "left";
      pen.fillText(beside, 2, 9, this.width - 4);
    }

    /** A sentence in the middle. */
    write(pen, { quiet }, text) {
      pen.fillStyle = quiet;
      pen.textAlign = "center";
      pen.fillText(text, ...this.at([0.5, 0.5]), this.wide - 8);
    }
  }

  const marks = (values, share) => values.map((value) => [share(value), written(value, 5)]);
  const rgb = (hex) => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));

  function ring(pen, [x, y], radius, fill, edge) {
    if (!Number.isFinite(x + y)) return;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fillStyle = fill;
    pen.fill();
    pen.lineWidth = 1.5;
    pen.strokeStyle = edge;
    pen.stroke();
  }

  /** A line through at(first), at(first + stride), …, with gaps where they are not finite. */
  function line(pen, colour, width, at, last, first = 0, stride = 1) {
    let isOn = false;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineJoin = "round";
    pen.beginPath();
    for (let k = first; k <= last; k += stride) {
      const [x, y] = at(k);
      if (isOn) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      isOn = Number.isFinite(x + y);
    }
    pen.stroke();
  }

  const segment = (pen, colour, width, ...ends) => line(pen, colour, width, (k) => ends[k], 1);

  /** An image of so many columns and rows, a pixel each, the first row at the bottom. */
  function imageOf(columns, rows, colour) {
    const canvas = document.createElement("canvas");
    canvas.width = columns;
    canvas.height = rows;
    const image = new ImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        pixels[(rows - 1 - row) * columns + column] = colour(column, row);
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  const pixel = ([red, green, blue]) => (255 << 24) | (blue << 16) | (green << 8) | red;

  /** The logarithm of f - f* over the view, for shades and for lines along its levels. */
  class Contours {
    constructor({ view, minimum }, code) {
      const [x, y] = view.map((ends) =>
        Array.from({ length: SAMPLES }, (_none, i) => between(...ends, i / (SAMPLES - 1))),
      );
      const f = Float64Array.from(y.flatMap((up) => x.map((across) => code.value([across, up]))));
      const finite = f.filter(Number.isFinite).sort();
      const least = minimum ?? finite[0];
      const above = finite.map((value) => value - least).filter((value) => value > 0);
      const high = above[Math.floor(0.995 * above.length)];
      this.low = Math.log(Math.max(above[0], high * SMALLEST_LEVEL));
      this.high = Math.log(high);
      this.level = f.map((value) => Math.log(Math.max(value - least, Math.exp(this.low) / 2)));
      this.isEmpty = !(this.low < this.high);
    }

    image(deep, high) {
      const ends = [rgb(deep), rgb(high)];
      const shades = Array.from({ length: 65 }, (_none, i) =>
        pixel(ends[0].map((own, c) => Math.round(between(own, ends[1][c], (i / 64) ** 2)))),
      );
      return imageOf(SAMPLES, SAMPLES, (column, row) => {
        const level = this.level[row * SAMPLES + column];
        const share = clamped(shareOf(level, this.low, this.high));
        return Number.isFinite(level) ? shades[Math.round(64 * share)] : 0;
      });
    }

    /** Draw each level through each square of four samples that it crosses. */
    lines(pen, at) {
      const { level, low } = this;
      const gap = (this.high - low) / LEVELS;
      pen.beginPath();
      for (let i = 0; i < SAMPLES * (SAMPLES - 1); i++) {
        if (i % SAMPLES === SAMPLES - 1) continue;
        const [a, b, c, d] = [i, i + 1, i + 1 + SAMPLES, i + SAMPLES];
        const lowest = Math.min(level[a], level[b], level[c], level[d]);
        const highest = Math.max(level[a], level[b], level[c], level[d]);
        for (let n = Math.max(Math.ceil((lowest - low) / gap), 0); low + n * gap < highest; n++) {
          if (n > LEVELS) break;
          this.#cross(pen, at, [a, b, c, d], low + n * gap);
        }
      }
      pen.stroke();
    }

    #cross(pen, at, corners, level) {
      const levels = corners.map((corner) => this.level[corner]);
      let isOn = false;
      for (let side = 0; side < 4; side++) {
        const next = (side + 1) % 4;
        if (levels[side] <= level === levels[next] <= level) continue;
        const share = shareOf(level, levels[side], levels[next]);
        const [from, to] = [corners[side], corners[next]].map((corner) => [
          (corner % SAMPLES) / (SAMPLES - 1),
          Math.floor(corner / SAMPLES) / (SAMPLES - 1),
        ]);
        const crossing = at(from.map((own, i) => between(own, to[i], share)));
        if (isOn) pen.lineTo(...crossing);
        else pen.moveTo(...crossing);
        isOn = !isOn;
      }
    }
  }

  /** The ends of an axis that shows heights of a curve, but not all of its poles. */
  function endsOf(heights) {
    const rising = heights.filter(Number.isFinite).sort((a, b) => a - b);
    if (!rising.length) return [0, 1];
    const [least, low, high, largest] = [0, 0.03, 0.97, 1].map(
      (share) => rising[Math.round(share * (rising.length - 1))],
    );
    const far = 12 * (high / 2 - low / 2);
    const ends = [Math.max(least, low - far), Math.min(largest, high + far)];
    const margin = 0.08 * (ends[1] / 2 - ends[0] / 2) || Math.abs(low) || 1;
    return [ends[0] - margin, ends[1] + margin];
  }

  // ---- The page

  class Explorer {
    constructor(root, data, code) {
      Object.assign(this, { root, data, code, isPlaying: false, k: 0 });
      this.isPlane = data.variables.length === 2;
      data.origin = data.variables.map(() => 0);
      this.shown = data.counts.reduce((sum, own) => sum + own);
      this.alphas = new Axis(
        data.alpha,
        data.alpha[0] / 4,
        Math.min(4 * data.alpha[0], Number.MAX_VALUE),
      );
      this.axes = data.view.map((ends, i) => new Axis(data.axes?.[i] ?? ends, ...ends));
      this.sides = this.isPlane ? this.axes : [this.alphas, this.axes[0]]; // of the map
      this.names = data.variables.map((name) => (/\d$/.test(name) ? `${name} at 0` : `${name}₀`));
      this.part = (name) => root.querySelector(`.${name}`);
      this.sheets = ["map", "landscape", "descent"].map((name) => new Sheet(this.part(name), 38));
      this.sliders = [this.alphas, ...this.axes].map((axis, i) => this.slider(axis, i));
      this.begin();
      this.say();
      this.legend();
      this.look();
      this.listen();
      this.descend();
      this.load();
    }

    say() {
      const { data, isPlane } = this;
      const x = isPlane ? "x" : data.variables[0];
      const [open, close, slope] = isPlane ? ["‖", "‖", "∇f(xₖ)"] : ["|", "|", `f′(${x}ₖ)`];
      const measure = {
        step: `${open}${x}ₖ − ${x}ₖ₋₁${close}`,
        gradient: `${open}${slope}${close}`,
        distance: `${open}${x}ₖ − ${x}*${close}`,
        gap: `f(${x}ₖ) − f*`,
      }[data.criterion];
      const tightest = data.tolerances > 1 ? `, the tightest of ${data.tolerances} tolerances` : "";
      const about = [
        data.formula,
        data.method,
        `until ${measure} < ${written(data.tol)}${tightest}`,
      ];
      const notes = [
        "This page computes every descent that it shows, in the arithmetic of the table.",
      ];
      if (this.shown < data.lanes) {
        const share = `${grouped(this.shown)} of ${grouped(data.lanes)}`;
        notes.push(`The map has ${share} lanes, evenly chosen.`);
      }
      if (data.rounding.length) {
        notes.push(
          `Browsers round ${data.rounding.join(", ")} in their own way: the last bits may differ ` +
            "from the table's, and near a tolerance a count may.",
        );
      }
      this.part("title").textContent = data.title;
      this.part("about").textContent = about.filter(Boolean).join(" · ");
      this.part("notes").textContent = notes.join(" ");
      const across = isPlane
        ? `${this.names[0]} across, ${this.names[1]} up`
        : `α across, ${this.names[0]} up`;
      this.part("map").setAttribute(
        "aria-label",
        `Map of the verdicts, ${across}. Arrow keys move the lane.`,
      );
      this.part("landscape").setAttribute(
        "aria-label",
        isPlane ? "Contours of f with the descent" : "f with the descent",
      );
      this.part("descent").setAttribute("aria-label", "f − f* over the iterations");
    }

    legend() {
      const { data } = this;
      const entry = (className, background, text, before = "") => {
        const [item, sign] = ["span", "span"].map((tag) => document.createElement(tag));
        sign.className = className;
        sign.style.background = background;
        item.append(before, sign, text);
        this.part("legend").append(item);
      };
      const [few, many] = data.range ?? [];
      if (!data.range) entry("", "none", "No lane converged.");
      else if (few === many)
        entry("swatch", this.colour(few), `converged after ${iterations(few)}`);
      else {
        const stops = Array.from({ length: 9 }, (_none, i) =>
          this.colour(between(few, many, i / 8, true)),
        );
        entry("bar", `linear-gradient(90deg, ${stops.join(", ")})`, iterations(many), grouped(few));
      }
      const names = ["", "cycling", `not converged after ${grouped(data.maxIter)}`, "diverged"];
      for (const status of [CYCLING, MAX_ITER, DIVERGED]) {
        const share = (100 * data.counts[status]) / this.shown;
        const percent = share < 1 ? "<1" : share > 99 && share < 100 ? ">99" : share.toFixed(0);
        if (share > 0) entry("swatch", data.looks[status], `${names[status]} (${percent}%)`);
      }
    }

    /** The colour of a count of iterations. */
    colour(steps) {
      const [few, many] = this.data.range;
      const share = few < many ? clamped(shareOf(steps, few, many, true)) : 0.5;
      const at = 6 * Math.round(255 * share);
      return `#${this.data.colours.slice(at, at + 6)}`;
    }

    slider(axis, i) {
      const [label, name, input, value] = ["label", "span", "input", "span"].map((tag) =>
        document.createElement(tag),
      );
      label.className = "slider";
      name.textContent = i ? this.names[i - 1] : "α";
      Object.assign(input, { type: "range", min: axis.first, max: axis.last, step: "any" });
      input.addEventListener("input", () => {
        const cell = axis.cell(input.value);
        const isNear = Math.abs(input.value - cell) < NEAR;
        const lane = [this.alpha, ...this.start];
        lane[i] = axis.value(isNear ? cell : Number(input.value));
        this.follow(...lane);
      });
      label.append(name, input, value);
      this.part("sliders").append(label);
      return (number) => {
        input.value = axis.place(number);
        value.textContent = written(number, 6);
        input.setAttribute("aria-valuetext", value.textContent);
      };
    }

    /** Begin with what the fragment says, or else with a lane that has some way to go. */
    begin() {
      const { data, isPlane } = this;
      const at = (values, share) => values[Math.floor(share * (values.length - 1))];
      const start = data.points
        ? at(data.points, 0.5)
        : this.axes.map(({ values }, i) => at(values, isPlane ? 0.6 - 0.15 * i : 0.15));
      this.follow(at(data.alpha, isPlane ? 0.3 : 0.1), ...start);
      this.read();
    }

    /** Follow the lane that the fragment names, unless there is none. */
    read() {
      const given = new URLSearchParams(globalThis.location.hash.slice(1));
      const texts = [given.get("alpha") ?? "", ...(given.get("x0") ?? "").split(",")];
      const numbers = texts.map((text) => (text.trim() ? Number(text) : Number.NaN));
      const axes = [this.alphas, ...this.axes];
      const fits = (axis, i) => numbers[i] >= axis.low && numbers[i] <= axis.high;
      if (numbers.length === axes.length && axes.every(fits)) this.follow(...numbers);
    }

    look() {
      const style = getComputedStyle(this.root);
      const names = ["ink", "quiet", "edge", "curve", "path", "deep", "high"];
      this.colours = Object.fromEntries(
        names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
      );
      for (const sheet of this.sheets) sheet.key = null;
    }

    /** Draw when the table is there: until then the browser paints the words. */
    async load() {
      this.table = await unpacked(this.data.table, this.shown, this.axes.length);
      this.describe();
      this.frame(0);
      this.root.dataset.ready = "";
    }

    // ---- What a user does

    listen() {
      const on = (target, type, react) => target.addEventListener(type, react);
      const map = this.part("map");
      on(map, "click", (event) => this.choose(this.under(event)));
      on(map, "pointerleave", () => this.hint());
      on(map, "pointermove", (event) => {
        const index = this.under(event);
        this.hint(index);
        if (event.buttons === 1 && event.pointerType === "mouse") this.choose(index);
      });
      on(map, "keydown", (event) => this.press(event));
      on(this.part("landscape"), "click", (event) => this.drop(event));
      on(this.part("play"), "click", () =>
        this.go(this.k < this.lane.steps ? this.k : 0, !this.isPlaying),
      );
      on(this.part("step"), "click", () =>
        this.go(this.k < this.lane.steps ? Math.floor(this.k) + 1 : 0),
      );
      on(this.part("k"), "input", (event) => this.go(Number(event.target.value)));
      on(globalThis, "hashchange", () => this.read());
      on(globalThis.matchMedia("(prefers-color-scheme: dark)"), "change", () => {
        this.look();
        this.schedule();
      });
      const sizes = new ResizeObserver(() => {
        for (const sheet of this.sheets)
          if (sheet.width !== sheet.canvas.clientWidth) sheet.measure();
        this.schedule();
      });
      for (const sheet of this.sheets) sizes.observe(sheet.canvas);
    }

    /** Follow another lane, from the next frame on. */
    follow(alpha, ...start) {
      Object.assign(this, { alpha, start, lane: null, isPlaying: false });
      this.schedule();
    }

    go(k, isPlaying = false) {
      Object.assign(this, { k, isPlaying, moment: null });
      this.schedule();
    }

    /** Lanes of the map are numbered by α, then by start, of which the last coordinate runs fastest. */
    number(cells) {
      return cells.reduce((index, cell, i) => index * this.size(i) + cell, 0);
    }

    size(i) {
      return i ? (this.data.points ?? this.axes[i - 1].values).length : this.alphas.values.length;
    }

    /** α and the coordinates of the start of the lane of this number. */
    laneOf(index) {
      const { data } = this;
      const last = data.points ? 1 : this.axes.length;
      const cells = [];
      for (let i = last; i > 0; index = Math.floor(index / this.size(i)), i--)
        cells.unshift(index % this.size(i));
      const start = data.points
        ? data.points[cells[0]]
        : this.axes.map((axis, i) => axis.values[cells[i]]);
      return [data.alpha[index], ...start];
    }

    /** The number of the lane that is followed, or -1 between grid points. */
    here() {
      const { data, alphas, axes } = this;
      const cells = [alphas, ...axes].map((axis, i) =>
        axis.cell(axis.place(i ? this.start[i - 1] : this.alpha)),
      );
      const number = this.number(data.points ? [cells[0], this.dot(this.start)] : cells);
      return this.laneOf(number).every((own, i) => own === (i ? this.start[i - 1] : this.alpha))
        ? number
        : -1;
    }

    /** The step size whose plane of starting points the map has. */
    plane() {
      return this.alphas.cell(this.alphas.place(this.alpha));
    }

    /** The one of the starts that is nearest to a point in the picture. */
    dot(x) {
      const at = this.sheets[0].at(this.inView(x));
      const far = this.data.points.map((own) =>
        Math.hypot(...this.sheets[0].at(this.inView(own)).map((end, i) => end - at[i])),
      );
      return far.indexOf(Math.min(...far));
    }

    /** The number of the lane under a pointer on the map, or -1. */
    under(event) {
      const shares = this.sheets[0].under(event);
      if (!shares) return -1;
      if (this.data.points) {
        return this.number([
          this.plane(),
          this.dot(this.data.view.map((ends, i) => between(...ends, shares[i]))),
        ]);
      }
      const cells = this.sides.map((axis, i) => axis.cell(shares[i] * axis.values.length - 0.5));
      return this.number(this.isPlane ? [this.plane(), ...cells] : cells);
    }

    choose(index) {
      if (index >= 0) this.follow(...this.laneOf(index));
    }

    /** Let the arrow keys move to the next cell, or to the next of starts that are no mesh. */
    press(event) {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[
        event.key
      ];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const { points } = this.data;
      if (points) {
        const next = this.dot(this.start) + way[0] + way[1];
        this.choose(this.number([this.plane(), clamped(next, 0, points.length - 1)]));
        return;
      }
      const cells = this.sides.map((axis, i) => {
        const place = axis.place(this.isPlane ? this.start[i] : [this.alpha, ...this.start][i]);
        return axis.cell(
          way[i] > 0 ? Math.floor(place) + 1 : way[i] < 0 ? Math.ceil(place) - 1 : place,
        );
      });
      this.choose(this.number(this.isPlane ? [this.plane(), ...cells] : cells));
    }

    /** Start where the picture of f is clicked. */
    drop(event) {
      const shares = this.sheets[1].under(event);
      if (!shares) return;
      const place = (axis, i) => axis.short(between(...this.data.view[i], shares[i]));
      this.follow(this.alpha, ...this.axes.map(place));
    }

    // ---- Frames

    schedule() {
      if (!this.table) return;
      this.pending ??= requestAnimationFrame((now) => {
        this.pending = null;
        this.frame(now);
      });
    }

    frame(now) {
      if (!this.lane) this.descend();
      const { steps } = this.lane;
      if (this.isPlaying) {
        const rate = Math.max(steps / SECONDS, Math.min(steps, 10));
        this.k = Math.min(this.k + ((now - (this.moment ?? now)) / 1000) * rate, steps);
        this.moment = now;
        this.isPlaying = this.k < steps;
      }
      this.last = Math.floor(this.k);
      this.part("play").textContent = this.isPlaying ? "Pause" : "Play";
      this.part("k").value = this.last;
      this.part("at").textContent = `k = ${grouped(this.last)} of ${grouped(steps)}`;
      this.drawMap(this.sheets[0]);
      this.drawLandscape(this.sheets[1]);
      this.drawDescent(this.sheets[2]);
      if (this.isPlaying) this.schedule();
    }

    descend() {
      const { data, code, alpha, start } = this;
      this.lane = descend(data, code, alpha, start);
      const { path, steps } = this.lane;
      const d = start.length;
      this.lane.last = path.slice(-d);
      this.f = Array.from({ length: steps + 1 }, (_none, k) =>
        code.value(path.slice(k * d, (k + 1) * d)),
      );
      this.k = steps;
      this.part("k").max = steps;
      [alpha, ...start].forEach((number, i) => {
        this.sliders[i](number);
      });
      this.hint();
      this.describe();
      this.later();
    }

    describe() {
      const { alpha, start, lane, table, root } = this;
      const row = this.row(this.here());
      const { kind, text } = table
        ? compared(lane, row, this.data.rounding)
        : { kind: "", text: "" };
      const from = `from ${start.length > 1 ? "x₀" : this.names[0]} = ${point(start)}`;
      this.part("count").textContent = verdictOf(lane);
      this.part("where").textContent = `α = ${written(alpha)}, ${from} to ${point(lane.last)}`;
      this.part("compared").textContent = text;
      this.part("compared").className = `compared ${kind}`;
      const status = STATUSES[lane.status] ?? "unfinished";
      Object.assign(root.dataset, {
        status,
        steps: lane.steps,
        last: lane.last.join(" "),
        compared: kind,
      });
    }

    /** What the table says of the lane of this number. */
    row(index) {
      const { table, shown } = this;
      if (!table || index < 0) return null;
      const last = this.axes.map((_axis, i) => table.x[i * shown + index]);
      return { status: table.status[index], steps: table.steps[index], last };
    }

    /** Say in the line below the map what is under the pointer. */
    hint(index = -1) {
      const row = this.row(index);
      const name = this.isPlane ? "x₀" : this.names[0];
      const around = this.isPlane
        ? `Starting points for α = ${written(this.data.alpha[this.plane()], 5)}`
        : "";
      const [alpha, ...start] = row ? this.laneOf(index) : [];
      this.part("hint").textContent = row
        ? `α = ${written(alpha, 5)}, ${name} = ${point(start, 5)}: ${decapitalised(verdictOf(row))}`
        : around;
    }

    /** Once the lane has stayed the same for a moment, read it out, and name it in the fragment. */
    later() {
      const isFirst = this.timer === undefined;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        if (isFirst) return;
        this.part("live").textContent =
          `${verdictOf(this.lane)}. ${this.part("compared").textContent}`;
        const [alpha, ...start] = [this.alpha, ...this.start].map((own) =>
          String(own).replace("e+", "e"),
        );
        const { pathname, search } = globalThis.location;
        history.replaceState(null, "", `${pathname}${search}#alpha=${alpha}&x0=${start.join(",")}`);
      }, 350);
    }

    // ---- Pictures

    /** Where a point is in pictures of f, as shares of the axes. */
    inView(x) {
      return this.data.view.map(([low, high], i) => shareOf(x[i], low, high));
    }

    drawMap(sheet) {
      const { data, colours, alpha, start } = this;
      const key = this.isPlane ? this.plane() : 0;
      const draw = data.points ? this.drawDots : this.drawCells;
      const pen = sheet.begin(key, (back) => draw.call(this, back, sheet));
      const lane = this.isPlane ? start : [alpha, ...start];
      const at = sheet.at(
        data.points ? this.inView(start) : this.sides.map((axis, i) => axis.share(lane[i])),
      );
      const [[left, bottom], [right, top]] = [sheet.at([0, 0]), sheet.at([1, 1])];
      for (const [width, colour] of [
        [3, "rgb(0 0 0 / 45%)"],
        [1.2, "white"],
      ]) {
        segment(pen, colour, width, [left, at[1]], [at[0] - 6, at[1]]);
        segment(pen, colour, width, [at[0] + 6, at[1]], [right, at[1]]);
        segment(pen, colour, width, [at[0], top], [at[0], at[1] - 6]);
        segment(pen, colour, width, [at[0], at[1] + 6], [at[0], bottom]);
      }
      ring(pen, at, 5, "transparent", "white");
      ring(pen, at, 6.5, "transparent", colours.path);
    }

    drawCells(pen, sheet) {
      const { data, colours, table, isPlane } = this;
      const [columns, rows] = this.sides;
      const [wide, high] = [columns.values.length, rows.values.length];
      const palette = new Map();
      const converged = (steps) => {
        if (!palette.has(steps)) palette.set(steps, pixel(rgb(this.colour(steps))));
        return palette.get(steps);
      };
      const pixels = data.looks.map((look) => (look ? pixel(rgb(look)) : 0));
      const first = isPlane ? this.plane() * wide * high : 0;
      const image = imageOf(wide, high, (column, row) => {
        const index = first + column * high + row;
        const status = table.status[index];
        return status === CONVERGED ? converged(table.steps[index]) : pixels[status];
      });
      pen.imageSmoothingEnabled = false;
      pen.drawImage(image, ...sheet.box);
      sheet.axes(pen, colours, {
        bottom: marks(columns.ticks(7), (value) => columns.share(value)),
        left: marks(rows.ticks(8), (value) => rows.share(value)),
        below: isPlane ? this.names[0] : "step size α",
        beside: isPlane ? this.names[1] : `starting point ${this.names[0]}`,
      });
      const [limit, symbols] = data.limit ?? [0];
      if (isPlane || limit <= columns.low || limit >= columns.high) return;
      const at = columns.share(limit);
      pen.setLineDash([4, 3]);
      segment(pen, colours.path, 1.5, sheet.at([at, 0]), sheet.at([at, 1]));
      pen.setLineDash([]);
      pen.textAlign = "right";
      pen.fillText(`${symbols} = ${written(limit, 4)}`, sheet.at([at, 1])[0] + 4, 9);
    }

    drawDots(pen, sheet) {
      const { data, colours } = this;
      const radius = clamped(45 / Math.sqrt(data.points.length), 1.5, 5);
      for (const [j, x] of data.points.entries()) {
        const row = this.row(this.number([this.plane(), j]));
        if (!row) break;
        const fill = row.status === CONVERGED ? this.colour(row.steps) : data.looks[row.status];
        ring(pen, sheet.at(this.inView(x)), radius, fill, radius > 2 ? colours.quiet : fill);
      }
      sheet.axes(pen, colours, this.planeAxes());
    }

    planeAxes() {
      const [bottom, left] = this.data.view.map(([low, high]) =>
        marks(rounds(low, high, 6), (value) => shareOf(value, low, high)),
      );
      return { bottom, left, below: this.data.variables[0], beside: this.data.variables[1] };
    }

    drawLandscape(sheet) {
      const { colours, data, isPlane, last, f, lane } = this;
      const pen = sheet.begin(0, (back) =>
        isPlane ? this.drawContours(back, sheet) : this.drawCurve(back, sheet),
      );
      const at = (x, height) =>
        sheet.at([...this.inView(x), shareOf(height, ...(this.heights ?? [0, 1]))].slice(0, 2));
      const iterate = (k) =>
        at(isPlane ? [lane.path[2 * k], lane.path[2 * k + 1]] : [lane.path[k]], f[k]);
      sheet.clipped(pen, () => {
        for (const x of data.minimisers) {
          const [across, up] = at(x, this.code.value(x));
          segment(pen, colours.ink, 1.5, [across - 5, up], [across + 5, up]);
          segment(pen, colours.ink, 1.5, [across, up - 5], [across, up + 5]);
        }
        line(pen, colours.path, 1.4, iterate, last, Math.max(last - MOST_DRAWN, 0));
        pen.fillStyle = colours.path;
        for (let k = Math.max(last - 400, 0); k < last; k++) {
          const [across, up] = iterate(k);
          pen.fillRect(across - 1.6, up - 1.6, 3.2, 3.2);
        }
        ring(pen, iterate(0), 5, "white", colours.path);
        ring(pen, iterate(last), 5, colours.path, "white");
      });
    }

    drawContours(pen, sheet) {
      const { colours, data, code } = this;
      this.contours ??= new Contours(data, code);
      const { contours } = this;
      if (!contours.isEmpty) {
        pen.drawImage(contours.image(colours.deep, colours.high), ...sheet.box);
        pen.strokeStyle = colours.curve;
        pen.lineWidth = 0.6;
        contours.lines(pen, (shares) => sheet.at(shares));
      }
      sheet.axes(pen, colours, this.planeAxes());
      if (contours.isEmpty) sheet.write(pen, colours, "f has one value here, or none");
    }

    drawCurve(pen, sheet) {
      const { colours, code, data } = this;
      const [low, high] = data.view[0];
      const n = Math.round(2 * sheet.wide);
      const f = Array.from({ length: n + 1 }, (_none, i) =>
        code.value([between(low, high, i / n)]),
      );
      this.heights = endsOf(f);
      const height = (value) => shareOf(value, ...this.heights);
      sheet.clipped(pen, () =>
        line(pen, colours.curve, 2, (i) => sheet.at([i / n, height(f[i])]), n),
      );
      sheet.axes(pen, colours, {
        bottom: marks(rounds(low, high, 8), (value) => shareOf(value, low, high)),
        left: marks(rounds(...this.heights, 5), height),
        below: data.variables[0],
        beside: `f(${data.variables[0]})`,
      });
      if (!f.some(Number.isFinite)) sheet.write(pen, colours, "f has no finite value here");
    }

    /** f - f* over k, on a logarithmic scale. */
    drawDescent(sheet) {
      const { colours, data, lane, f } = this;
      const least = data.minimum ?? leastOf(f);
      const stride = Math.ceil(lane.steps / MOST_DRAWN);
      const above = (k) => Math.log10(f[k] - least);
      const at = (k) => {
        const height = shareOf(above(k), ...(this.tens ?? [0, 1]));
        return Number.isFinite(height)
          ? sheet.at([k / lane.steps, height])
          : [Number.NaN, Number.NaN];
      };
      if (this.drawn !== lane) sheet.key = null;
      this.drawn = lane;
      const pen = sheet.begin(0, (back) => {
        const heights = f.map((_value, k) => above(k)).filter(Number.isFinite);
        const [low, high] = [
          Math.floor(leastOf(heights)),
          Math.ceil(-leastOf(heights.map((own) => -own))),
        ];
        this.tens = heights.length ? [low, Math.max(high, low + 1)] : null;
        const tens = this.tens ? rounds(...this.tens, 5).filter(Number.isInteger) : [];
        sheet.axes(back, colours, {
          bottom: rounds(0, lane.steps, 8)
            .filter(Number.isInteger)
            .map((k) => [k / lane.steps, grouped(k)]),
          left: tens.map((ten) => [shareOf(ten, ...this.tens), powerOfTen(ten)]),
          below: "iteration k",
          beside: data.minimum === null ? "f − the least f of this descent" : "f − f*",
        });
        if (!this.tens)
          sheet.write(back, colours, "f is at its least at every iterate, or has no value");
        else line(back, colours.edge, 1.8, at, lane.steps, 0, stride);
      });
      if (!this.tens) return;
      line(pen, colours.path, 1.8, at, this.last, 0, stride);
      ring(pen, at(this.last), 4.5, colours.path, "white");
    }
  }

  return {
    explore(root, code) {
      return new Explorer(root, JSON.parse(root.querySelector(".data").textContent), code);
    },
  };
})();
