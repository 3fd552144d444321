// Without this the page is a list with links to its groups; with it, the list can be narrowed.
(() => {
  const box = document.querySelector('.find');
  const field = box.querySelector('input');
  const said = box.querySelector('[role=status]');
  const rows = [...document.querySelectorAll('[data-find]')];
  box.hidden = false;
  field.addEventListener('input', () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !words.every(word => row.dataset.find.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    for (const section of document.querySelectorAll('main section')) {
      section.hidden = !section.querySelector('[data-find]:not([hidden])');
    }
    said.textContent = words.length ? String(shown) : '';
  });
})();
