// Draws the charts, in the reader's light or dark setting, and asks again when a filter or a slider is changed.
// Vega runs by its expression interpreter (`ast`), for the page's policy allows no evaluation of text as code.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");

function narrowed(spec, place) {
  // Long labels leave a phone no room for bars.
  return place.clientWidth < 480 ? { axisY: { labelLimit: 110 } } : {};
}

async function draw(place) {
  const config = read("themes")[dark.matches ? "dark" : "light"];
  const spec = read(place.dataset.spec);
  place.replaceChildren();
  const { view } = await window.vegaEmbed(place, spec, {
    ast: true,
    actions: false,
    renderer: "svg",
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    config: { ...config, ...narrowed(spec, place) },
    formatLocale: read("numbers"),
  });
  // A brush is drawn with, not read.
  for (const brush of place.querySelectorAll('g[class*="_brush"]')) brush.setAttribute("aria-hidden", "true");
  place.dataset.drawn = "yes";
  return view;
}

function drawAll(within = document) {
  if (!window.vegaEmbed) return;
  for (const place of within.querySelectorAll(".plot")) draw(place);
}

// A part of a page is fetched anew with the form's settings, and put in the old one's place.
let latest = 0;

async function refresh(form) {
  const turn = ++latest;
  const address = new URL(location.href);
  address.search = new URLSearchParams(new FormData(form)).toString();
  const answer = await fetch(address);
  if (!answer.ok) return form.submit();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== latest) return; // something was changed since
  const part = document.getElementById(form.dataset.part);
  const focused = document.activeElement?.id;
  const open = [...part.querySelectorAll("details")].map((each) => each.open);
  part.replaceWith(page.getElementById(form.dataset.part));
  const fresh = document.getElementById(form.dataset.part);
  fresh.querySelectorAll("details").forEach((each, at) => (each.open = open[at]));
  if (focused) document.getElementById(focused)?.focus();
  history.replaceState(null, "", address);
  drawAll(fresh);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  // A day is typed digit by digit, and each is a change: its form has a button.
  if (!form || event.target.type === "date") return;
  if (form.dataset.part) refresh(form);
  else form.submit();
});
document.addEventListener("submit", (event) => {
  if (!event.target.dataset?.part) return;
  event.preventDefault();
  refresh(event.target);
});
dark.addEventListener("change", () => drawAll());
document.documentElement.classList.add("scripted");
if (window.vegaEmbed) drawAll();
else addEventListener("vega", () => drawAll(), { once: true });
