// What the page says in its language stands at its body.
const words = document.body.dataset;

// A copy button for each block that is made to be pasted. Where a page may not write to the clipboard the text is selected instead.
function copies(block, className, place) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  const say = (text) => { button.textContent = text; };
  say(words.sayCopy);
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      say(words.sayCopied);
    } catch {
      getSelection().selectAllChildren(block);
      say(words.saySelected);
    }
    setTimeout(() => say(words.sayCopy), 1500);
  });
  place(button);
}

// The same for a word within a sentence.
function offerCopies(within) {
  for (const block of within.querySelectorAll("pre[data-copy]")) copies(block, "plain copy", (button) => block.previousElementSibling.append(button));
  for (const word of within.querySelectorAll("[data-copy-word]")) copies(word, "word", (button) => word.after(" ", button));
}
offerCopies(document);

// AWS's deep links stand behind a hash, which no server sees: those to a console become the address that needs no script, before or after signing in.
const [linked, asked] = location.hash.split("?");
if (linked === "#/console" && asked) location.replace("/start/console?" + asked);

// The list as you type: the server looks, and answers with the list alone. What comes late is not shown.
for (const form of document.querySelectorAll("form[data-live]")) {
  const field = form.elements.q;
  let running;
  const show = async () => {
    running?.abort();
    running = new AbortController();
    const query = field.value.trim() === "" ? "" : "?" + new URLSearchParams({ q: field.value });
    try {
      const answer = await fetch(form.dataset.live + query, { signal: running.signal });
      // Signed out meanwhile, or nobody can say: the page itself tells.
      if (!answer.ok) return location.assign(form.action + query);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
      const told = found.querySelector("[role=status]"), before = document.querySelector("#found [role=status]");
      before.replaceChildren(...told.childNodes);
      told.replaceWith(before);
      document.getElementById("found").replaceChildren(...found.childNodes);
      offerCopies(document.getElementById("found"));
      history.replaceState(null, "", form.getAttribute("action") + query);
      const mark = document.getElementById("mark");
      if (mark) [mark.elements.q.value, mark.elements.page.value] = [field.value, "1"];
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  field.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
}

// A form on its way elsewhere.
document.querySelector("form[data-send]")?.requestSubmit();

// A star changes where it stands: the list is in its new order when it is opened next.
document.getElementById("mark")?.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  event.preventDefault();
  const answer = await fetch(form.action, { method: "post", body: new URLSearchParams(new FormData(form, submitter)), redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }));
    return form.submit();
  }
  const added = submitter.name === "add";
  submitter.name = added ? "remove" : "add";
  submitter.setAttribute("aria-pressed", String(added));
});

// How long until then, in the language of the page; looked at twice a minute, so that nothing moves that nobody waits for.
const ahead = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
function count() {
  for (const left of document.querySelectorAll("[data-until]")) {
    const seconds = (Date.parse(left.dataset.until) - Date.now()) / 1000;
    const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([unit, size]) => Math.abs(seconds) >= (unit === "day" ? 2 : 1) * size) ?? ["second", 1];
    left.textContent = ahead.format(Math.trunc(seconds / size), unit);
  }
}
if (document.querySelector("[data-until]")) {
  count();
  setInterval(count, 30000);
}

// A password can be looked at while it is typed; it is sent, and kept by the browser, as a password.
for (const field of document.querySelectorAll("input[type=password]")) {
  const [box, button, had] = [document.createElement("div"), document.createElement("button"), document.activeElement === field];
  box.className = "secret";
  button.type = "button";
  button.className = "plain reveal";
  button.textContent = words.sayShow;
  button.setAttribute("aria-label", words.sayShowPassword);
  button.setAttribute("aria-controls", field.id);
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  show(false);
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false));
  field.before(box);
  box.append(field, button);
  if (had) field.focus();
}

// How this browser's person signed in the last time: a word that says nothing of who, and never leaves the browser.
const way = (now) => {
  try {
    if (now) localStorage.setItem("portico-way", now);
    return localStorage.getItem("portico-way");
  } catch {
    return null;
  }
};

// The name first, then the rest. A password manager that fills both needs one click.
for (const form of document.querySelectorAll("form[data-steps]")) {
  const [name, second, button] = [form.querySelector("input[autocomplete=username]"), form.querySelector("[data-second]"), form.querySelector("button[type=submit]")];
  const password = second.querySelector("input");
  if (name.value === "") {
    const whole = button.textContent;
    second.hidden = true;
    password.required = false;
    button.textContent = button.dataset.next;
    const ask = () => {
      second.hidden = false;
      password.required = true;
      button.textContent = whole;
    };
    name.addEventListener("input", ask, { once: true });
    form.addEventListener("submit", (event) => {
      if (password.value !== "") return;
      event.preventDefault();
      ask();
      password.focus();
    });
  }
}

// Passkeys and security keys: a form whose answer the authenticator gives. Browsers take and give bytes, forms take texts.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const described = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function created(options) {
  const key = options.publicKey;
  const made = await navigator.credentials.create({ publicKey: {
    ...key, challenge: bytes(key.challenge), user: { ...key.user, id: bytes(key.user.id) }, excludeCredentials: described(key.excludeCredentials),
  } });
  return { id: made.id, rawId: text(made.rawId), type: made.type, extensions: {}, response: {
    attestationObject: text(made.response.attestationObject), clientDataJSON: text(made.response.clientDataJSON), transports: made.response.getTransports?.() ?? null,
  } };
}

async function got(options) {
  const key = options.publicKey;
  const made = await navigator.credentials.get({ publicKey: { ...key, challenge: bytes(key.challenge), allowCredentials: described(key.allowCredentials) } });
  const handle = made.response.userHandle;
  return { id: made.id, rawId: text(made.rawId), type: made.type, extensions: {}, response: {
    authenticatorData: text(made.response.authenticatorData), clientDataJSON: text(made.response.clientDataJSON), signature: text(made.response.signature),
    userHandle: handle ? text(handle) : null,
  } };
}

for (const form of document.querySelectorAll("form[data-webauthn]")) {
  form.querySelectorAll("[data-without]").forEach((note) => note.remove());
  const trouble = form.querySelector("[data-trouble]");
  const say = (what) => { trouble.role = "alert"; trouble.textContent = what; trouble.hidden = what === ""; };
  if (!window.PublicKeyCredential) {
    if (!form.hidden) say(words.sayNoPasskeys);
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    const answer = form.dataset.webauthn === "create" ? created : got;
    try {
      form.elements.answer.value = JSON.stringify(await answer(JSON.parse(form.dataset.options)));
    } catch (error) {
      say(error.name === "InvalidStateError" ? words.sayRegisteredAlready : words.sayNoneGiven);
      return;
    }
    if (form.classList.contains("after")) way("passkey");
    HTMLFormElement.prototype.submit.call(form);
  });
}

// What worked here the last time is offered first.
const [byName, byPasskey] = [document.querySelector("form[data-steps]"), document.querySelector("form.after[data-webauthn=get]")];
if (byName) byName.addEventListener("submit", () => { if (byName.elements.password.value !== "") way("password"); });
if (byName && byPasskey && !byPasskey.hidden && way() === "passkey" && byName.elements.username.value === "") {
  const [mine, other] = [byPasskey.querySelector("button"), byName.querySelector("button[type=submit]")];
  byPasskey.classList.add("first");
  byName.before(byPasskey);
  mine.classList.remove("plain");
  other.classList.add("plain");
  mine.focus();
}
