"use strict";
// Tables are whole without this; with it a click on a heading sorts by its column.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const headings = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => {
        const by = row.cells[column].dataset.by;
        if (by === undefined) return row.cells[column].textContent;
        return by === "inf" ? Infinity : Number(by);
      };
      const rows = [...body.rows].map((row) => [key(row), row]);
      const numbers = rows.some(([value]) => typeof value === "number");
      const missing = (value) => numbers && typeof value !== "number"; // as of a run that failed
      rows.sort(([one], [other]) => {
        if (missing(one) || missing(other)) return missing(one) - missing(other);
        const order = numbers
          ? (one > other) - (one < other)
          : one.localeCompare(other, "en", { numeric: true });
        return down ? -order : order;
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}
