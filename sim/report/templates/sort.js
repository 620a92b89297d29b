// Headings of sortable tables become buttons; without script the tables read as they stand. A table
// is one stop of the Tab key: arrows go from heading to heading.
(function () {
  function value(row, k, isNumber) {
    var text = row.cells[k].textContent.trim();
    if (!isNumber) return text;
    var number = parseFloat(text.replace(/\u2212/g, "-").replace(/,/g, ""));
    return isNaN(number) ? -Infinity : number;
  }
  function sort(table, k, heading) {
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    var isNumber = heading.classList.contains("n");
    var down = heading.getAttribute("aria-sort") === (isNumber ? null : "ascending");
    if (heading.getAttribute("aria-sort") === "ascending") down = true;
    if (heading.getAttribute("aria-sort") === "descending") down = false;
    rows.sort(function (a, b) {
      var x = value(a, k, isNumber), y = value(b, k, isNumber);
      var order = isNumber ? (x < y ? -1 : x > y ? 1 : 0) : x.localeCompare(y);
      return down ? -order : order;
    });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell) {
      cell.removeAttribute("aria-sort");
    });
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    rows.forEach(function (row) { body.appendChild(row); });
  }
  function step(table, k, event) {
    var to = k + (event.key === "ArrowRight") - (event.key === "ArrowLeft");
    var next = table.querySelectorAll("th button")[to];
    if (to === k || !next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
  Array.prototype.forEach.call(document.querySelectorAll("table.sortable"), function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (heading, k) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.title = "Sort by this column";
      button.tabIndex = k ? -1 : 0;
      button.addEventListener("keydown", function (event) { step(table, k, event); });
      button.addEventListener("click", function () { sort(table, k, heading); });
      heading.textContent = "";
      heading.appendChild(button);
    });
  });
  // Rows of a wide table stand below each other on a phone: cells get the headings of their columns,
  // and roles, since a table that is laid out as blocks is none to a screen reader.
  function role(elements, name) {
    Array.prototype.forEach.call(elements, function (one) { one.setAttribute("role", name); });
  }
  Array.prototype.forEach.call(document.querySelectorAll("table"), function (table) {
    var heads = table.tHead ? table.tHead.rows[0].cells : [];
    if (heads.length < 5) return;
    table.classList.add("wide");
    role([table], "table");
    role(table.querySelectorAll("thead, tbody"), "rowgroup");
    role(table.rows, "row");
    role(heads, "columnheader");
    role(table.querySelectorAll("td"), "cell");
    Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
      Array.prototype.forEach.call(row.cells, function (cell, k) {
        cell.setAttribute("data-label", heads[k].textContent.trim());
      });
    });
  });
})();
