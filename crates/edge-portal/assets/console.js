
// Moments are said in the reader's own zone and language.
const said = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const moment of document.querySelectorAll("time[datetime]")) {
  const at = new Date(moment.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  moment.title = moment.textContent;
  moment.textContent = said.format(at);
}
