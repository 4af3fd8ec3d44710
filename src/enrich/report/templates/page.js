"use strict";
const inOrder = new Intl.Collator("en", { numeric: true }).compare;
const AT_ONCE = 300;

function prepare(part) {
  const items = [...part.querySelectorAll("article, tbody > tr")].map((node, place) => ({
    node,
    place,
    words: null,
    shown: true,
  }));
  const controls = part.querySelector(".controls");
  if (controls) prepareFilters(part, controls, items);
  const table = part.querySelector("table.sortable");
  if (table) prepareSorting(table, items);
}

function prepareFilters(part, controls, items) {
  const [search, clear, count] = ["input", "button", "output"].map((name) => controls.querySelector(name));
  const selects = [...controls.querySelectorAll("select")];
  const groups = [...part.querySelectorAll(".group")];
  const fine = part.querySelector(".fine input");
  for (const select of selects) {
    const counts = new Map();
    for (const { node } of items) {
      const value = node.dataset[select.name];
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const options = [...counts].sort((one, other) => inOrder(one[0], other[0]));
    select.append(...options.map(([value, times]) => new Option(`${value} (${times})`, value)));
  }

  // Rows with which nothing is wrong are hidden until a filter or the box asks for them: without this script, and until
  // it is ready, by the style sheet.
  let isFiltered = false;
  const isWanted = (node) => !fine || fine.checked || isFiltered || !node.hasAttribute("data-fine");
  let later = 0;
  const reveal = (fitting) => {
    for (const item of fitting) {
      if (!item.shown) item.node.hidden = false;
      item.shown = true;
    }
    for (const group of groups) group.hidden = !group.querySelector("article:not([hidden]), tbody > tr:not([hidden])");
  };
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = selects.filter((select) => select.value).map((select) => [select.name, select.value]);
    isFiltered = words.length + kinds.length > 0;
    const fitting = [];
    for (const item of items) {
      let fits = kinds.every(([name, value]) => item.node.dataset[name] === value);
      if (fits && words.length) {
        item.words ??= item.node.textContent.toLowerCase();
        fits = words.every((word) => item.words.includes(word));
      }
      fits &&= isWanted(item.node);
      if (fits) fitting.push(item);
      else if (item.shown) item.node.hidden = true;
      item.shown &&= fits;
    }
    // Thousands of rows take a tenth of a second to come back: what is in sight comes at once, the rest after it.
    clearTimeout(later);
    reveal(fitting.slice(0, AT_ONCE));
    later = setTimeout(reveal, 50, fitting.slice(AT_ONCE));
    count.value = `${fitting.length} of ${items.length} shown`;
  };
  const choose = (name, value) => {
    part.querySelector("details").open = true;
    search.value = "";
    for (const select of selects) select.value = select.name === name ? value : "";
    show();
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 100);
  });
  for (const select of selects) select.addEventListener("change", show);
  fine?.addEventListener("change", show);
  clear.addEventListener("click", () => choose());
  for (const link of document.querySelectorAll(`a[href="#${part.id}"][data-by]`)) {
    link.addEventListener("click", () => choose(link.dataset.by, link.dataset.value));
  }
  for (const item of fine ? items : []) {
    item.shown = isWanted(item.node);
    item.node.hidden = !item.shown;
  }
  part.classList.add("managed");
  count.value = `${items.filter(({ shown }) => shown).length} of ${items.length} shown`;
  controls.hidden = false;
}

function prepareSorting(table, items) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  const sort = (column, direction) => {
    const texts = new Map(items.map((item) => [item, item.node.cells[column].textContent]));
    items.sort((one, other) => {
      const [text, than] = [texts.get(one), texts.get(other)];
      if (!direction || text === than) return one.place - other.place;
      return text && than ? direction * inOrder(text, than) : !text - !than;
    });
    // Emptied first: Chromium takes seconds to move 10,000 rows one by one out of a table that is shown.
    body.replaceChildren();
    const sorted = document.createDocumentFragment();
    for (const { node } of items) sorted.append(node);
    body.append(sorted);
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: null };
      const order = heading.ariaSort in next ? next[heading.ariaSort] : "ascending";
      for (const other of headings) other.ariaSort = null;
      heading.ariaSort = order;
      sort(column, { ascending: 1, descending: -1 }[order] ?? 0);
    });
  });
}

document.querySelectorAll("main > section").forEach(prepare);

function textToCopy(button) {
  if (button.dataset.copies !== "moves") return button.previousElementSibling.textContent;
  const rows = [...button.previousElementSibling.tBodies[0].rows].filter((row) => !row.hidden);
  return rows.map((row) => row.cells[1].innerText.replace(/\s*→\s*/, "\t").trim()).join("\n");
}

// A file of the disk may lack the clipboard; there the old way is left.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function unfold(button) {
  const isOpen = button.ariaExpanded === "true";
  button.ariaExpanded = String(!isOpen);
  const block = button.nextElementSibling.querySelector("pre:last-child");
  if (!block) return;
  const copying = document.createElement("button");
  copying.type = "button";
  copying.className = "copy";
  copying.textContent = "Copy";
  block.after(copying);
}

// One listener for all: there may be thousands of buttons.
document.addEventListener("click", async ({ target }) => {
  if (!(target instanceof HTMLButtonElement)) return;
  if (target.matches(".more")) unfold(target);
  if (!target.matches(".copy")) return;
  const name = target.textContent;
  await copy(textToCopy(target));
  target.textContent = "Copied";
  setTimeout(() => (target.textContent = name), 2000);
});
