// Runs before the first paint so that a chosen theme never flashes in the other one.
(function () {
  try {
    var theme = localStorage.getItem('muster-theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  } catch (_) {
    // Storage may be switched off; the system's theme is used then.
  }
})();
