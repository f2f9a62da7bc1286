// Applies the chosen theme before the first paint. Without a choice the
// stylesheet follows the system.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (error) {
    // Storage is denied: the system's theme it is.
  }
})();
