// Before the first paint, so that no page flashes in another theme or tells a screen reader the wrong language.
(function () {
  "use strict";
  var root = document.documentElement;
  function kept(name) {
    try {
      return localStorage.getItem("tongbao." + name);
    } catch (_) {
      return null;
    }
  }
  var language = kept("language");
  if (language !== "en" && language !== "zh") {
    language = /^zh/i.test(navigator.language || "") ? "zh" : "en";
  }
  root.lang = language === "zh" ? "zh-CN" : "en";
  var theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (kept("motion") === "reduced") root.dataset.motion = "reduced";
})();
