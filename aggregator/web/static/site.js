// A little comfort; every page works without it.
// "/" goes to the search field, "j" and "k" from title to title, as readers are used to.
(function () {
  "use strict";
  function isTyping(target) {
    return /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable;
  }
  function move(step) {
    var links = Array.prototype.slice.call(document.querySelectorAll("main .title > a"));
    if (!links.length) return;
    var at = links.indexOf(document.activeElement);
    var next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    if (links[next]) links[next].focus();
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    var field = document.getElementById("q");
    if (event.key === "/" && field) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "j") {
      move(1);
    } else if (event.key === "k") {
      move(-1);
    }
  });
  var address = document.getElementById("address");
  if (address) address.addEventListener("focus", function () { address.select(); });
  // Filters apply at once; without script there is the button.
  document.querySelectorAll(".filters select").forEach(function (select) {
    select.addEventListener("change", function () { select.form.submit(); });
  });
})();
