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
  // Times in the reader's own zone, in the words of the page.
  var months = (document.documentElement.dataset.months || "").split(" ");
  var utc = " " + document.documentElement.dataset.utc;
  var comma = document.documentElement.lang === "ar" ? "\u060c " : ", ";
  function two(number) { return (number < 10 ? "0" : "") + number; }
  document.querySelectorAll("time[datetime]").forEach(function (element) {
    var text = element.textContent;
    var at = new Date(element.dateTime);
    if (text.slice(-utc.length) !== utc || isNaN(at)) return;
    element.title = text;
    element.textContent = at.getDate() + " " + months[at.getMonth()] + " " + at.getFullYear() +
      comma + two(at.getHours()) + ":" + two(at.getMinutes());
  });
  // Filters apply at once; without script there is the button.
  document.querySelectorAll(".filters select").forEach(function (select) {
    select.addEventListener("change", function () { select.form.submit(); });
  });
})();
