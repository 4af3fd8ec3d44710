"use strict";
for (const area of document.querySelectorAll("[data-area]")) {
  const items = [...area.querySelectorAll("[data-kind]")].map((node) => ({
    node,
    kind: node.dataset.kind,
    words: null,
  }));
  const groups = [...area.querySelectorAll("section")];
  const [search, kinds, count] = ["input", "select", "output"].map((name) => area.querySelector(name));
  if (!search) continue;
  for (const kind of [...new Set(items.map((item) => item.kind))].sort()) {
    kinds.add(new Option(kind, kind));
  }
  const show = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      item.words ??= item.node.textContent.toLowerCase();
      const fits =
        (!kinds.value || kinds.value === item.kind) && wanted.every((word) => item.words.includes(word));
      if (item.node.hidden === fits) item.node.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-kind]:not([hidden])");
    count.value = `${shown} of ${items.length} shown`;
  };
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  kinds.addEventListener("change", show);
  area.querySelector(".controls").hidden = false;
  count.value = `${items.length} shown`;
}
