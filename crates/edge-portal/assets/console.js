
// Moments are said in the reader's own zone, and as their country writes the language of the page.
const tag = document.documentElement.lang;
const said = new Intl.DateTimeFormat(navigator.languages.find((one) => one.split("-")[0] === tag) ?? tag, { dateStyle: "medium", timeStyle: "short" });
function localise(within) {
  for (const moment of within.querySelectorAll("time[datetime]")) {
    const at = new Date(moment.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    moment.title = moment.textContent;
    moment.textContent = said.format(at);
  }
}
localise(document);

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
// The policy editor: what the server says of the text, while it is typed. Without this the button that checks does the same.
for (const form of document.querySelectorAll("form[data-editor]")) {
  const [text, state, fault, statements, size] = [form.elements.policy, ...["state", "fault", "statements", "size"].map((name) => form.querySelector(`[data-${name}]`))];
  const element = (name, className, content) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (content) made.textContent = content;
    return made;
  };
  const select = (from, to) => {
    text.focus();
    text.setSelectionRange(from, to);
    // The line that the selection begins in comes into view.
    const lines = text.value.split("\n").length;
    const line = text.value.slice(0, from).split("\n").length;
    text.scrollTop = Math.max(0, (line - 4) * (text.scrollHeight / lines));
  };
  const show = (answer) => {
    fault.removeAttribute("role");
    fault.replaceChildren();
    size.textContent = answer.size;
    text.toggleAttribute("aria-invalid", false);
    if (answer.fault) {
      text.setAttribute("aria-invalid", "true");
      const box = element("div", "notice bad");
      const what = element("p");
      what.append(element("strong", "", answer.fault));
      box.append(what);
      if (answer.place) {
        const where = element("p");
        const go = element("button", "link", answer.place);
        go.type = "button";
        go.addEventListener("click", () => select(answer.from, answer.to));
        where.append(go);
        box.append(where);
      }
      fault.append(box);
    }
    const list = element("ol", "said");
    for (const one of answer.statements) {
      const item = element("li", one.allows ? "allow" : "deny");
      const sentence = element("p");
      sentence.append(element("span", `tag ${one.allows ? "good" : "bad"}`, one.name), ` ${one.text}`);
      item.append(sentence);
      if (one.clauses.length > 0) {
        const clauses = element("ul");
        clauses.append(...one.clauses.map((clause) => element("li", "", clause)));
        item.append(clauses);
      }
      list.append(item);
    }
    statements.replaceChildren(list);
  };
  let [asked, waiting] = [0, 0];
  const ask = async () => {
    const mine = ++asked;
    const slow = setTimeout(() => { state.textContent = form.dataset.sayChecking; }, 600);
    try {
      const answer = await fetch(form.dataset.editor, {
        method: "post", body: new URLSearchParams({ policy: text.value }), signal: AbortSignal.timeout(10_000), redirect: "error",
      });
      if (mine !== asked) return;
      if (!answer.ok) throw new TypeError(answer.status);
      show(await answer.json());
      state.textContent = fault.hasChildNodes() || text.value.trim() === "" ? "" : form.dataset.sayGood;
    } catch {
      // What was said of another text is not left standing beside this one.
      if (mine === asked) {
        fault.replaceChildren();
        statements.replaceChildren();
        state.textContent = form.dataset.sayAway;
      }
    } finally {
      clearTimeout(slow);
    }
  };
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  if (text.dataset.from) select(Number(text.dataset.from), Number(text.dataset.to));
  form.querySelector("[data-place]")?.addEventListener("click", (event) => {
    event.preventDefault();
    select(Number(text.dataset.from ?? 0), Number(text.dataset.to ?? 0));
  });
}

// Work that goes on elsewhere is followed until it has ended: the page is asked for again, and the parts of it that tell of the work are put in place. A
// server that is slow or gone is asked less often, and the page says so calmly.
function put(here, fresh) {
  const [told, now] = [here.querySelector("[role=status]"), fresh.querySelector("[role=status]")];
  if (told && now) {
    // What a screen reader listens to stays the same element.
    told.replaceChildren(...now.childNodes);
    now.replaceWith(told);
  }
  here.replaceChildren(...fresh.childNodes);
  here.toggleAttribute("data-poll", fresh.hasAttribute("data-poll"));
  localise(here);
}
async function follow(wait) {
  if (!document.querySelector("[data-poll]")) return;
  await new Promise((done) => { setTimeout(done, wait); });
  try {
    const answer = await fetch(location.href, { redirect: "error", signal: AbortSignal.timeout(10_000), headers: { accept: "text/html" } });
    const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page || !page.querySelector("[data-follow]")) throw new TypeError(answer.status);
    for (const fresh of page.querySelectorAll("[data-follow]")) {
      const here = document.getElementById(fresh.id);
      if (here) put(here, fresh);
    }
    follow(1_000);
  } catch {
    for (const calm of document.querySelectorAll("[data-calm]")) calm.hidden = false;
    follow(Math.min(wait * 2, 30_000));
  }
}
follow(1_000);
