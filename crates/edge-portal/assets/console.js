
// Moments are said in the reader's own zone and language.
const said = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const moment of document.querySelectorAll("time[datetime]")) {
  const at = new Date(moment.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  moment.title = moment.textContent;
  moment.textContent = said.format(at);
}

// A file that is chosen is written into a field, in base64: the form sends texts.
for (const file of document.querySelectorAll("input[type=file][data-into]")) {
  file.closest("label").hidden = false;
  file.addEventListener("change", () => {
    if (file.files.length === 0) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      document.getElementById(file.dataset.into).value = reader.result.slice(reader.result.indexOf(",") + 1);
      const choice = file.form.querySelector(`input[type=radio][value="${file.dataset.choose}"]`);
      if (choice) choice.checked = true;
    });
    reader.readAsDataURL(file.files[0]);
  });
}
