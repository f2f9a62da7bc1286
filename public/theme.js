// Applies the chosen theme before the first paint. Without a choice the
// stylesheet follows the system. It also says whose keyboard is used: ⌘ or Ctrl.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  if (/Mac|iPhone|iPad/.test(navigator.platform)) root.classList.add("apple-keys");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (error) {
    // Storage is denied: the system's theme it is.
  }
})();
