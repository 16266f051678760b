// Sorting, filtering by class and "show more". Without it a page shows everything, unsorted.
"use strict";
(() => {
  const cellText = (row, column) => row.cells[column].textContent.trim();
  const inOrder = new Intl.Collator(undefined, { numeric: true }).compare;
  const asNumber = (text) => Number.parseFloat(text.replaceAll(",", "").replace("< ", ""));

  // Columns of text from A to Z, columns of numbers from the largest; what is no number comes last.
  function sortTable(table, column, isDescending) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const isNumber = table.tHead.rows[0].cells[column].classList.contains("number");
    const sign = isDescending ? -1 : 1;
    const keys = new Map(rows.map((row) => {
      const text = cellText(row, column);
      return [row, isNumber ? asNumber(text) : text];
    }));
    rows.sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      if (!isNumber) return sign * inOrder(x, y);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return sign * (x - y);
    });
    body.append(...rows);
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const isDescending = before
          ? before === "ascending" : head.classList.contains("number");
        for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
        sortTable(table, column, isDescending);
        refresh(table.tBodies[0]);
      });
    });
  }

  // A list that shows so many items, and more of them on demand; a filter chooses among all.
  const lists = new Map();
  function refresh(list) {
    const state = lists.get(list);
    if (!state) return;
    let found = 0;
    for (const item of list.children) {
      const fits = !state.wanted || namesOf(item).includes(state.wanted);
      item.hidden = !fits || found >= state.shown;
      found += fits;
    }
    const left = Math.max(0, found - state.shown);
    state.button.hidden = left === 0;
    state.button.textContent =
      `Show ${Math.min(left, state.step)} more of ${found.toLocaleString("en")}`;
    state.found = found;
  }

  const known = new WeakMap();
  function namesOf(item) {
    if (!known.has(item)) {
      const names = [...item.querySelectorAll(".name")].map((name) => name.title);
      known.set(item, names.join("\n").toLowerCase());
    }
    return known.get(item);
  }

  for (const list of document.querySelectorAll("[data-page]")) {
    const step = Number(list.dataset.page);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "more";
    (list.closest(".scroll") ?? list).after(button);
    lists.set(list, { step, shown: step, wanted: "", button, found: 0 });
    button.addEventListener("click", () => {
      const first = [...list.children].find((item) => item.hidden);
      lists.get(list).shown += step;
      refresh(list);
      // The button may be gone now; reading goes on at the first new item.
      first?.setAttribute("tabindex", "-1");
      first?.focus({ preventScroll: true });
    });
    refresh(list);
  }

  for (const section of document.querySelectorAll("[data-filtered]")) {
    const finder = section.querySelector(".finder");
    const [input, status] = [finder.querySelector("input"), finder.querySelector("[role=status]")];
    const own = [...section.querySelectorAll("[data-page]")];
    finder.hidden = false;
    input.addEventListener("input", () => {
      for (const list of own) {
        const state = lists.get(list);
        state.wanted = input.value.trim().toLowerCase();
        state.shown = state.step;
        refresh(list);
      }
      const isEmpty = own.every((list) => lists.get(list).found === 0);
      status.textContent = input.value.trim() && isEmpty ? "No class has such a name." : "";
    });
  }

  // The keyboard stops only at what does scroll.
  const areas = [...document.querySelectorAll(".scroll")];
  function markScrolling() {
    for (const area of areas) {
      const scrolls =
        area.scrollWidth > area.clientWidth || area.scrollHeight > area.clientHeight;
      if (scrolls) area.tabIndex = 0;
      else area.removeAttribute("tabindex");
    }
  }
  markScrolling();
  addEventListener("resize", markScrolling);
  document.addEventListener("toggle", markScrolling, true);

  // Paper has nothing to open.
  addEventListener("beforeprint", () => {
    for (const closed of document.querySelectorAll("details:not([open])")) {
      closed.open = true;
      closed.dataset.closed = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const opened of document.querySelectorAll("details[data-closed]")) {
      opened.open = false;
      delete opened.dataset.closed;
    }
  });
})();
