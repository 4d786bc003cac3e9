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
  const ORIGIN = [0, 0];
  const LONGEST = 100_000; // iterations that a page follows
  const SECONDS = 5; // that a long descent takes to play
  const NEAR = 0.08; // of a cell, within which a slider takes the grid's own value
  const SAMPLES = 101; // of f along each side of a picture of its contours
  const [LEVELS, SMALLEST_LEVEL] = [15, 1e-6]; // contours, and the lowest as a share of the highest
  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
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
    gradient: (x, _before, _data, code) => sizeOf(code.gradient(x), ORIGIN),
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
   * An axis of cells, one a value: cell i is at the place i. Between the knots, which are the values
   * unless there is but one, places are spaced evenly, or on a logarithmic axis by the logarithm.
   */
  class Axis {
    constructor({ values, knots, log, ticks }) {
      Object.assign(this, { values, knots, log, ticks });
      this.stride = values.length === 1 ? 0.5 : 1;
      this.first = -this.stride * knots.indexOf(values[0]);
      this.last = this.first + this.stride * (knots.length - 1);
      this.low = knots[0];
      this.high = knots.at(-1);
    }

    /** Where a value stands. */
    place(value) {
      const { knots, stride } = this;
      if (value <= this.low) return this.first;
      if (value >= this.high) return this.last;
      const i = knots.findLastIndex((knot) => knot <= value);
      return this.first + stride * (i + shareOf(value, knots[i], knots[i + 1], this.log));
    }

    /** The value at a place; at a cell its own to the last bit. */
    value(place) {
      const at = (Math.min(Math.max(place, this.first), this.last) - this.first) / this.stride;
      const i = Math.floor(at);
      if (at === i) return this.knots[i];
      return this.short(between(this.knots[i], this.knots[i + 1], at - i, this.log));
    }

    /** A value on the axis, to as few digits as tell a thousand of them apart. */
    short(value) {
      const unit = 10 ** Math.floor(Math.log10(this.high / 1000 - this.low / 1000));
      const rounded = Math.round(value / unit) * unit;
      const near = Number(this.log ? value.toPrecision(4) : rounded.toPrecision(15));
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

    marks() {
      return this.ticks.map(([value, text]) => [this.share(value), text]);
    }
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
    constructor(canvas) {
      this.canvas = canvas;
      this.margins = { left: 56, right: 10, top: 22, bottom: 38 };
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
    constructor(view, minimum, code) {
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
      this.name = this.isPlane ? "x₀" : data.starts[0];
      this.view = data.view.map(({ knots }) => knots);
      this.axes = data.axes.map((axis) => new Axis(axis)); // that of α is the first
      this.sides = this.axes.slice(-2); // of the map
      const sizes = this.axes.map(({ values }) => values.length);
      this.sizes = data.points ? [sizes[0], data.points.length] : sizes;
      this.part = (name) => root.querySelector(`.${name}`);
      this.sheets = ["map", "landscape", "descent"].map((name) => new Sheet(this.part(name)));
      this.sliders = [...root.querySelectorAll(".slider")].map((label, i) => this.slider(label, i));
      this.follow(this.begin());
      this.read();
      this.look();
      this.listen();
      this.descend();
      this.load();
    }

    /** The colour of a count of iterations. */
    colour(steps) {
      const [few, many] = this.data.ends;
      const share = few < many ? clamped(shareOf(steps, few, many, true)) : 0.5;
      const at = 6 * Math.round(255 * share);
      return `#${this.data.colours.slice(at, at + 6)}`;
    }

    /** Let a slider set α, or a coordinate of the start; gives what shows a number on it. */
    slider(label, i) {
      const [input, value] = [label.children[1], label.children[2]];
      const axis = this.axes[i];
      Object.assign(input, { min: axis.first, max: axis.last });
      input.addEventListener("input", () => {
        const place = Number(input.value);
        const cell = axis.cell(place);
        this.follow(this.lane.with(i, axis.value(Math.abs(place - cell) < NEAR ? cell : place)));
      });
      return (number) => {
        input.value = axis.place(number);
        value.textContent = written(number, 6);
        input.setAttribute("aria-valuetext", value.textContent);
      };
    }

    /** A lane that has some way to go. */
    begin() {
      const at = (values, share) => values[Math.floor(share * (values.length - 1))];
      const shares = this.isPlane ? [0.3, 0.6, 0.45] : [0.1, 0.15];
      const lane = this.axes.map(({ values }, i) => at(values, shares[i]));
      return this.data.points ? [lane[0], ...at(this.data.points, 0.5)] : lane;
    }

    /** Follow the lane that the fragment names, unless there is none. */
    read() {
      const given = new URLSearchParams(globalThis.location.hash.slice(1));
      const texts = [given.get("alpha") ?? "", ...(given.get("x0") ?? "").split(",")];
      const lane = texts.map((text) => (text.trim() ? Number(text) : Number.NaN));
      const fits = ({ low, high }, i) => lane[i] >= low && lane[i] <= high;
      if (lane.length === this.axes.length && this.axes.every(fits)) this.follow(lane);
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
      this.table = await unpacked(this.data.table, this.data.shown, this.view.length);
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
        this.go(this.k < this.found.steps ? this.k : 0, !this.isPlaying),
      );
      on(this.part("step"), "click", () =>
        this.go(this.k < this.found.steps ? Math.floor(this.k) + 1 : 0),
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

    /** Follow another lane, [α, …x0], from the next frame on. */
    follow(lane) {
      Object.assign(this, { lane, isNew: true, isPlaying: false });
      this.schedule();
    }

    go(k, isPlaying = false) {
      Object.assign(this, { k, isPlaying, moment: null });
      this.schedule();
    }

    /** Lanes of the map are numbered by α, then by start, of which the last coordinate runs fastest. */
    number(cells) {
      return cells.reduce((index, cell, i) => index * this.sizes[i] + cell, 0);
    }

    laneOf(index) {
      const { axes, data, sizes } = this;
      const strides = sizes.map((_size, i) => sizes.slice(i + 1).reduce((a, b) => a * b, 1));
      const cells = strides.map((stride, i) => Math.floor(index / stride) % sizes[i]);
      if (data.points) return [axes[0].values[cells[0]], ...data.points[cells[1]]];
      return cells.map((cell, i) => axes[i].values[cell]);
    }

    /** The number of the lane that is followed, or -1 between grid points. */
    here() {
      const { axes, data, lane } = this;
      const cells = axes.map((axis, i) => axis.cell(axis.place(lane[i])));
      const index = this.number(data.points ? [cells[0], this.dot(lane.slice(1))] : cells);
      return this.laneOf(index).every((own, i) => own === lane[i]) ? index : -1;
    }

    /** The step size whose plane of starting points the map has; all have one on the line. */
    plane() {
      return this.isPlane ? [this.axes[0].cell(this.axes[0].place(this.lane[0]))] : [];
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
      const cells = this.data.points
        ? [this.dot(this.view.map((ends, i) => between(...ends, shares[i])))]
        : this.sides.map((axis, i) => axis.cell(shares[i] * axis.values.length - 0.5));
      return this.number([...this.plane(), ...cells]);
    }

    choose(index) {
      if (index >= 0) this.follow(this.laneOf(index));
    }

    /** Let the arrow keys move to the next cell, or to the next of starts that are no mesh. */
    press(event) {
      const way = WAYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const { data, lane, sides } = this;
      const next = (place, by) =>
        by > 0 ? Math.floor(place) + 1 : by < 0 ? Math.ceil(place) - 1 : place;
      const cells = data.points
        ? [clamped(this.dot(lane.slice(1)) + way[0] + way[1], 0, data.points.length - 1)]
        : sides.map((axis, i) => axis.cell(next(axis.place(lane.at(i - 2)), way[i])));
      this.choose(this.number([...this.plane(), ...cells]));
    }

    /** Start where the picture of f is clicked. */
    drop(event) {
      const shares = this.sheets[1].under(event);
      if (!shares) return;
      const start = this.view.map((ends, i) => this.axes[i + 1].short(between(...ends, shares[i])));
      this.follow([this.lane[0], ...start]);
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
      if (this.isNew) this.descend();
      const { steps } = this.found;
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
      const { data, code } = this;
      const [alpha, ...start] = this.lane;
      this.isNew = false;
      this.found = descend(data, code, alpha, start);
      const { path, steps } = this.found;
      const d = start.length;
      this.found.last = path.slice(-d);
      this.f = Array.from({ length: steps + 1 }, (_none, k) =>
        code.value(path.slice(k * d, k * d + d)),
      );
      this.k = steps;
      this.part("k").max = steps;
      for (const [i, show] of this.sliders.entries()) show(this.lane[i]);
      this.hint();
      this.describe();
      this.later();
    }

    describe() {
      const { data, found, root, table } = this;
      const [alpha, ...start] = this.lane;
      const none = { kind: "", text: "" };
      const { kind, text } = table ? compared(found, this.row(this.here()), data.rounding) : none;
      const ends = `from ${this.name} = ${point(start)} to ${point(found.last)}`;
      this.part("count").textContent = verdictOf(found);
      this.part("where").textContent = `α = ${written(alpha)}, ${ends}`;
      this.part("compared").textContent = text;
      this.part("compared").className = `compared ${kind}`;
      const status = STATUSES[found.status] ?? "unfinished";
      const last = found.last.join(" ");
      Object.assign(root.dataset, { status, steps: found.steps, last, compared: kind });
    }

    /** What the table says of the lane of this number. */
    row(index) {
      const { table, data } = this;
      if (!table || index < 0) return null;
      const last = this.view.map((_ends, i) => table.x[i * data.shown + index]);
      return { status: table.status[index], steps: table.steps[index], last };
    }

    /** Say in the line below the map what is under the pointer. */
    hint(index = -1) {
      const row = this.row(index);
      const [alpha, ...start] = row ? this.laneOf(index) : [];
      const around = this.plane().map(
        (i) => `Starting points for α = ${written(this.axes[0].values[i], 5)}`,
      );
      this.part("hint").textContent = row
        ? `α = ${written(alpha, 5)}, ${this.name} = ${point(start, 5)}: ${decapitalised(verdictOf(row))}`
        : around.join("");
    }

    /** Once the lane has stayed the same for a moment, read it out, and name it in the fragment. */
    later() {
      const isFirst = this.timer === undefined;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        if (isFirst || this.isNew) return; // a lane that is yet to be followed has its own turn
        this.part("live").textContent =
          `${verdictOf(this.found)}. ${this.part("compared").textContent}`;
        const [alpha, ...start] = this.lane.map((own) => String(own).replace("e+", "e"));
        const { pathname, search } = globalThis.location;
        history.replaceState(null, "", `${pathname}${search}#alpha=${alpha}&x0=${start}`);
      }, 350);
    }

    // ---- Pictures

    /** Where a point is in pictures of f, as shares of the axes. */
    inView(x) {
      return this.view.map(([low, high], i) => shareOf(x[i], low, high));
    }

    drawMap(sheet) {
      const { colours, data, lane, sides } = this;
      const draw = data.points ? this.drawDots : this.drawCells;
      const pen = sheet.begin(this.plane()[0] ?? 0, (back) => draw.call(this, back, sheet));
      const shares = sides.map((axis, i) => axis.share(lane.at(i - 2)));
      const at = sheet.at(data.points ? this.inView(lane.slice(1)) : shares);
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
      const first = this.number([...this.plane(), 0, 0]);
      const image = imageOf(wide, high, (column, row) => {
        const index = first + column * high + row;
        const status = table.status[index];
        return status === CONVERGED ? converged(table.steps[index]) : pixels[status];
      });
      pen.imageSmoothingEnabled = false;
      pen.drawImage(image, ...sheet.box);
      sheet.axes(pen, colours, {
        bottom: columns.marks(),
        left: rows.marks(),
        below: isPlane ? data.starts[0] : "step size α",
        beside: isPlane ? data.starts[1] : `starting point ${data.starts[0]}`,
      });
      const [limit, text] = data.limit ?? [0];
      if (isPlane || limit <= columns.low || limit >= columns.high) return;
      const at = columns.share(limit);
      pen.setLineDash([4, 3]);
      segment(pen, colours.path, 1.5, sheet.at([at, 0]), sheet.at([at, 1]));
      pen.setLineDash([]);
      pen.textAlign = "right";
      pen.fillText(text, sheet.at([at, 1])[0] + 4, 9);
    }

    drawDots(pen, sheet) {
      const { data, colours } = this;
      const radius = clamped(45 / Math.sqrt(data.points.length), 1.5, 5);
      for (const [j, x] of data.points.entries()) {
        const row = this.row(this.number([...this.plane(), j]));
        const fill = row.status === CONVERGED ? this.colour(row.steps) : data.looks[row.status];
        ring(pen, sheet.at(this.inView(x)), radius, fill, radius > 2 ? colours.quiet : fill);
      }
      sheet.axes(pen, colours, this.marks());
    }

    /** Axes of pictures of f; on the line the left one is that of its heights. */
    marks() {
      const { data, view } = this;
      const [bottom, left] = data.view.map(({ ticks }, i) =>
        ticks.map(([value, text]) => [shareOf(value, ...view[i]), text]),
      );
      return { bottom, left, below: data.variables[0], beside: data.variables[1] };
    }

    drawLandscape(sheet) {
      const { colours, data, isPlane, last, f, found } = this;
      const pen = sheet.begin(0, (back) =>
        isPlane ? this.drawContours(back, sheet) : this.drawCurve(back, sheet),
      );
      const at = (x, height) =>
        sheet.at([...this.inView(x), shareOf(height, ...(this.heights ?? [0, 1]))].slice(0, 2));
      const d = data.variables.length;
      const iterate = (k) => at(found.path.slice(k * d, k * d + d), f[k]);
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
      this.contours ??= new Contours(this.view, data.minimum, code);
      const { contours } = this;
      if (!contours.isEmpty) {
        pen.drawImage(contours.image(colours.deep, colours.high), ...sheet.box);
        pen.strokeStyle = colours.curve;
        pen.lineWidth = 0.6;
        contours.lines(pen, (shares) => sheet.at(shares));
      }
      sheet.axes(pen, colours, this.marks());
      if (contours.isEmpty) sheet.write(pen, colours, "f has one value here, or none");
    }

    drawCurve(pen, sheet) {
      const { colours, code, data } = this;
      const [low, high] = this.view[0];
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
        ...this.marks(),
        left: rounds(...this.heights, 5).map((value) => [height(value), written(value, 5)]),
        beside: `f(${data.variables[0]})`,
      });
      if (!f.some(Number.isFinite)) sheet.write(pen, colours, "f has no finite value here");
    }

    /** f - f* over k, on a logarithmic scale. */
    drawDescent(sheet) {
      const { colours, data, found, f } = this;
      const least = data.minimum ?? leastOf(f);
      const stride = Math.ceil(found.steps / MOST_DRAWN);
      const above = (k) => Math.log10(f[k] - least);
      const at = (k) => {
        const height = shareOf(above(k), ...(this.tens ?? [0, 1]));
        return Number.isFinite(height)
          ? sheet.at([k / found.steps, height])
          : [Number.NaN, Number.NaN];
      };
      const pen = sheet.begin(found, (back) => {
        const heights = f.map((_value, k) => above(k)).filter(Number.isFinite);
        const [low, high] = [
          Math.floor(leastOf(heights)),
          Math.ceil(-leastOf(heights.map((own) => -own))),
        ];
        this.tens = heights.length ? [low, Math.max(high, low + 1)] : null;
        const tens = this.tens ? rounds(...this.tens, 5).filter(Number.isInteger) : [];
        sheet.axes(back, colours, {
          bottom: rounds(0, found.steps, 8)
            .filter(Number.isInteger)
            .map((k) => [k / found.steps, grouped(k)]),
          left: tens.map((ten) => [shareOf(ten, ...this.tens), powerOfTen(ten)]),
          below: "iteration k",
          beside: data.minimum === null ? "f − the least f of this descent" : "f − f*",
        });
        if (!this.tens)
          sheet.write(back, colours, "f is at its least at every iterate, or has no value");
        else line(back, colours.edge, 1.8, at, found.steps, 0, stride);
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
