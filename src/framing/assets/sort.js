/* Lets the reader sort tables by clicking on a column's title. Everything can be read without it. */
document.querySelectorAll(".framing table[data-sortable]:not([data-live])").forEach((table) => {
  table.dataset.live = "";
  const body = table.tBodies[0];
  Array.from(table.tHead.rows[0].cells).forEach((title, column, titles) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...title.childNodes);
    title.append(button);
    button.addEventListener("click", () => {
      const numeric = title.classList.contains("fr-num");
      const before = title.getAttribute("aria-sort");
      const rising = before ? before === "descending" : !numeric;
      const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
      const compare = (a, b) => {
        if (a === "" || b === "") return (a === "") - (b === "");
        const order = numeric ? Number(a) - Number(b) : a.localeCompare(b);
        return rising ? order : -order;
      };
      const rows = Array.from(body.rows).map((row) => [key(row), row]);
      body.append(...rows.sort((a, b) => compare(a[0], b[0])).map((pair) => pair[1]));
      titles.forEach((other) => other.removeAttribute("aria-sort"));
      title.setAttribute("aria-sort", rising ? "ascending" : "descending");
    });
  });
});
