// What the page says in its language stands at its body.
const words = document.body.dataset;

// Adds a copy button to each block of text that is made to be pasted. Nothing depends on it. Where a page may not write to the
// clipboard (plain http on another host) the text is selected instead, ready for the person's own key.
for (const block of document.querySelectorAll("pre[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain copy";
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
  block.previousElementSibling.append(button);
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

// The name first, then the rest: with scripts the password is asked for as soon as there is a name. A password manager that fills both needs one click.
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
