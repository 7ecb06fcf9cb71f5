// Says the day that the slider stands on while it is moved. The page is asked for when it is let go, by htmx or by the button.
const lang = document.documentElement.lang;
const written = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang,
  { timeZone: "UTC", day: "numeric", month: lang === "en" ? "long" : "numeric", year: "numeric" });
const UNTIL_1970 = 719163; // days from 1 January of year 1, which is day 1

function say(slider) {
  const day = written.format((slider.valueAsNumber - UNTIL_1970) * 86400000);
  slider.setAttribute("aria-valuetext", day);
  slider.form.querySelector(".slid").value = day;
}

document.addEventListener("input", (event) => { if (event.target.name === "slide") { say(event.target); } });
for (const each of document.querySelectorAll("[name=slide]")) { say(each); }
document.addEventListener("htmx:afterSettle", () => { for (const each of document.querySelectorAll("[name=slide]")) { say(each); } });
