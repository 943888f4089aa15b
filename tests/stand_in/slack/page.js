"use strict";
// Everything that came from elsewhere goes into the page as text, never as HTML.

const at = (id) => document.getElementById(id);
let seen = -1, state = null, me = "", channel = "", thread = "", shown = "";

function element(name, classes, ...inside) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  made.append(...inside.filter((its) => its !== null && its !== undefined));
  return made;
}

async function act(wish) {
  at("told").textContent = "";
  const answer = await fetch("/page/act", {
    method: "POST",
    headers: { "Content-Type": "application/json; charset=utf-8" },
    body: JSON.stringify(wish),
  });
  const value = await answer.json();
  if (!value.ok || value.error) at("told").textContent = `${value.error}: ${(value.errors || []).join(", ")}`.replace(/: $/, "");
  return value;
}

async function listen() {
  for (;;) {
    try {
      const who = me;
      const answer = await fetch(`/page/news?since=${seen}&user=${encodeURIComponent(who)}`);
      const value = await answer.json();
      // Somebody else looks now.
      if (who !== me) continue;
      state = value;
      seen = state.count;
      draw();
    } catch {
      at("told").textContent = "The stand-in does not answer.";
      await new Promise((later) => setTimeout(later, 2000));
    }
  }
}

function draw() {
  if (!me) {
    const first = state.people.find((its) => !its.bot);
    if (first) choose(first.id);
    return;
  }
  const people = state.people.filter((its) => !its.bot);
  const key = JSON.stringify(people);
  if (at("who").dataset.key !== key) {
    at("who").dataset.key = key;
    at("who").replaceChildren(...people.map((its) => {
      const option = element("option", "", `${its.name} (${its.team})`);
      option.value = its.id;
      option.selected = its.id === me;
      return option;
    }));
  }
  if (!state.channels.some((its) => its.id === channel)) {
    channel = state.channels.length ? state.channels[0].id : "";
    thread = "";
  }
  const mark = { public_channel: "# ", private_channel: "(private) ", im: "@ ", mpim: "@ " };
  at("channels").replaceChildren(...state.channels.map((its) => {
    const button = element("button", "", mark[its.kind] + its.title + (its.archived ? " (archived)" : ""));
    button.type = "button";
    if (its.id === channel) button.setAttribute("aria-current", "true");
    button.onclick = () => { channel = its.id; thread = ""; shown = ""; draw(); };
    return button;
  }));
  drawMessages();
  drawModal();
}

function choose(user) {
  me = user;
  channel = "";
  seen = -1;
  shown = "";
  fetch(`/page/news?since=-1&user=${encodeURIComponent(user)}`).then((its) => its.json()).then((value) => {
    if (user !== me) return;
    state = value;
    seen = value.count;
    draw();
  });
}

function drawMessages() {
  const its = state.channels.find((one) => one.id === channel);
  at("title").textContent = its ? its.title : "no channel";
  const key = JSON.stringify([channel, thread, its && its.messages]);
  if (key === shown) return;
  shown = key;
  const box = at("messages");
  const below = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  const all = its ? its.messages : [];
  const reply = (one) => one.thread_ts && one.thread_ts !== one.ts;
  const list = [];
  for (const one of all.filter((one) => !reply(one))) {
    if (thread && one.ts !== thread) continue;
    list.push(one, ...all.filter((other) => reply(other) && other.thread_ts === one.ts));
  }
  list.push(...all.filter((one) => reply(one) && !list.includes(one) && !thread));
  box.replaceChildren(...list.map((one) => drawMessage(one, reply(one))));
  if (below) box.scrollTop = box.scrollHeight;
  at("thread").hidden = !thread;
  at("thread").firstElementChild.textContent = "You answer in a thread.";
}

function drawMessage(one, reply) {
  const person = state.people.find((its) => its.id === one.user);
  const name = one.username || (person ? person.name : (one.user === "USLACKBOT" ? "Slackbot" : one.user || "?"));
  const line = one.subtype && /^(channel_|tombstone|slash_command)/.test(one.subtype);
  const when = new Date(Number(one.ts.split(".")[0]) * 1000);
  const box = element("div", `message${reply ? " reply" : ""}${one.is_ephemeral ? " ephemeral" : ""}${line ? " line" : ""}`);
  box.dataset.ts = one.ts;
  const head = element("div", "", element("span", "who", name), one.bot_id ? element("span", "app", "APP") : null,
    element("time", "", when.toLocaleTimeString()), one.edited ? element("span", "note", "(edited)") : null,
    one.is_ephemeral ? element("span", "note", "only you see this") : null);
  if (!reply && !one.is_ephemeral && !line) {
    const open = element("button", "open", one.reply_count ? (one.reply_count === 1 ? "1 reply" : `${one.reply_count} replies`) : "reply");
    open.type = "button";
    open.onclick = () => { thread = one.ts; shown = ""; drawMessages(); at("text").focus(); };
    head.append(open);
  }
  if (one.user === me && !one.bot_id && !line) head.append(...change(one));
  box.append(head);
  const said = element("div", "said");
  if (one.bot_id && one.blocks && one.blocks.length) said.append(...one.blocks.map((block) => drawBlock(block, { message: one })));
  else said.append(mrkdwn(one.text));
  for (const attachment of one.attachments || []) {
    const part = element("div", "attachment", element("b", "", attachment.title || ""), " ", mrkdwn(attachment.text || attachment.fallback || ""));
    part.append(...(attachment.blocks || []).map((block) => drawBlock(block, { message: one })));
    said.append(part);
  }
  for (const file of one.files || []) said.append(element("div", "note", `file: ${file.name} (${file.size} bytes)`));
  box.append(said);
  if (one.reactions) box.append(element("div", "reactions", ...one.reactions.map((its) => element("span", "", `:${its.name}: ${its.count}`))));
  return box;
}

// What somebody can do with what they wrote themselves.
function change(one) {
  const edit = element("button", "open", "edit");
  edit.onclick = () => {
    const text = prompt("Edit", decode(one.text.replace(/<@([^>|]*)[^>]*>/g, (_, id) => "@" + (state.names[id] || id)).replace(/<([^>|]*)[^>]*>/g, "$1")));
    if (text) act({ type: "edit", user: me, channel, ts: one.ts, text, typed: true });
  };
  const gone = element("button", "open", "delete");
  gone.onclick = () => act({ type: "delete", user: me, channel, ts: one.ts });
  for (const button of [edit, gone]) button.type = "button";
  return [" ", edit, " ", gone];
}

const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

function token(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (/^@/.test(target)) return element("span", "at", "@" + (state.names[target.slice(1)] || target.slice(1)));
  if (/^#/.test(target)) {
    const known = state.channels.find((its) => its.id === target.slice(1));
    return element("span", "at", "#" + (known ? known.title : label || target.slice(1)));
  }
  if (/^!date\^/.test(target)) return document.createTextNode(decode(label || ""));
  if (/^!/.test(target)) return element("span", "at", "@" + (label || target.slice(1)));
  const address = decode(target);
  if (!/^(https?|mailto):/i.test(address)) return document.createTextNode(`<${decode(inside)}>`);
  const link = element("a", "", label ? decode(label) : address);
  link.href = address;
  link.rel = "noreferrer noopener";
  link.target = "_blank";
  return link;
}

function mrkdwn(text) {
  const all = document.createDocumentFragment();
  for (const [n, part] of text.split("```").entries()) {
    if (n % 2) { all.append(element("pre", "", decode(part.replace(/^\n|\n$/g, "").replace(/<([^>|]*)(\|[^>]*)?>/g, (_, its, label) => label ? label.slice(1) : its)))); continue; }
    const lines = part.split("\n");
    lines.forEach((line, at) => {
      const quote = /^(>|&gt;) ?/.exec(line);
      const into = quote ? element("span", "quote") : all;
      if (quote) { into.append(...inline(line.slice(quote[0].length))); all.append(into); }
      else { into.append(...inline(line)); if (at < lines.length - 1) into.append("\n"); }
    });
  }
  return all;
}

function inline(text) {
  const parts = text.split(/(`[^`]+`|<[^<>]+>|(?<![\w*])\*[^*\s\u200b](?:[^*]*[^*\s])?\*(?![\w*])|(?<![\w_])_[^_\s\u200b](?:[^_]*[^_\s])?_(?![\w_])|(?<![\w~])~[^~\s\u200b](?:[^~]*[^~\s])?~(?![\w~]))/);
  return parts.map((part, n) => {
    if (n % 2 === 0) return document.createTextNode(decode(part));
    const inside = part.slice(1, -1);
    if (part[0] === "`") return element("code", "", decode(inside));
    if (part[0] === "<") return token(inside);
    const name = { "*": "b", _: "i", "~": "s" }[part[0]];
    return element(name, "", ...inline(inside));
  });
}

const plain = (its) => (its ? its.text : "");
const shownText = (its) => (its.type === "mrkdwn" ? mrkdwn(its.text) : document.createTextNode(its.text));

function drawBlock(block, where) {
  const box = element("div", `block ${block.type}`);
  if (block.type === "section") {
    if (block.text) box.append(shownText(block.text));
    if (block.fields) box.append(element("div", "fields", ...block.fields.map((its) => element("div", "", shownText(its)))));
    if (block.accessory) box.append(" ", drawElement(block.accessory, where));
  } else if (block.type === "header") box.append(plain(block.text));
  else if (block.type === "divider") box.append(element("hr"));
  else if (block.type === "context") for (const its of block.elements) box.append(its.type === "image" ? its.alt_text : shownText(its), " ");
  else if (block.type === "actions") box.append(element("div", "row", ...block.elements.map((its) => drawElement(its, where))));
  else if (block.type === "markdown") box.append(block.text);
  else if (block.type === "image") box.append(`[${block.alt_text}]`);
  else if (block.type === "input") box.append(...drawInput(block, where));
  else box.append(`[${block.type}]`);
  return box;
}

function pressed(its, where, value) {
  if (its.confirm && !confirm(`${plain(its.confirm.title)}\n\n${plain(its.confirm.text)}`)) return;
  const wish = { type: "click", user: me, action_id: its.action_id };
  if (value !== undefined) wish.value = value;
  act(where.view ? { ...wish, view: where.view } : { ...wish, channel, ts: where.message.ts });
}

function drawElement(its, where) {
  if (its.type === "button") {
    const button = element("button", its.style || "", plain(its.text));
    button.type = "button";
    button.onclick = () => { if (/^https?:/i.test(its.url || "")) window.open(its.url, "_blank", "noopener"); pressed(its, where); };
    return button;
  }
  if (its.type === "image") return document.createTextNode(`[${its.alt_text}]`);
  const field = drawField(its);
  field.onchange = () => pressed(its, where, read(its, field));
  return field;
}

function choices(its) {
  const people = state.people.map((one) => ({ text: { text: one.name }, value: one.id }));
  const rooms = state.channels.map((one) => ({ text: { text: one.title }, value: one.id }));
  if (/users_select/.test(its.type || "")) return people;
  if (/(channels|conversations)_select/.test(its.type || "")) return rooms;
  return (its.options || []).concat(...(its.option_groups || []).map((group) => group.options));
}

function drawField(its) {
  if (/select$|^overflow$|^radio_buttons$|^checkboxes$/.test(its.type) && !/external/.test(its.type)) {
    const many = /^multi_|^checkboxes$/.test(its.type);
    const field = element("select");
    field.multiple = many;
    if (!many) field.append(element("option", "", plain(its.placeholder) || "—"));
    if (!many) field.firstChild.value = "";
    const first = [].concat(its.initial_option || [], its.initial_options || []).map((one) => one.value)
      .concat(its.initial_user || [], its.initial_conversation || [], its.initial_channel || []);
    for (const one of choices(its)) {
      const option = element("option", "", plain(one.text));
      option.value = one.value;
      option.selected = first.includes(one.value);
      field.append(option);
    }
    return field;
  }
  const field = element(its.multiline ? "textarea" : "input");
  if (/external_select$/.test(its.type)) offer(its, field);
  const type = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local", number_input: "number" }[its.type];
  if (type) field.type = type;
  field.placeholder = plain(its.placeholder);
  field.value = its.initial_value || its.initial_date || its.initial_time || "";
  if (its.initial_date_time) field.valueAsNumber = its.initial_date_time * 1000;
  return field;
}

// What the app offers for what is typed so far.
function offer(its, field) {
  const list = element("datalist");
  list.id = `offer-${its.action_id}`;
  field.setAttribute("list", list.id);
  field.append(list);
  field.oninput = async () => {
    if (field.value.length < (its.min_query_length ?? 3) || [...list.children].some((one) => one.value === field.value)) return;
    const modal = at("modal").open ? { view: at("modal").dataset.view } : { channel, ts: field.closest("[data-ts]").dataset.ts };
    const answer = await act({ type: "suggest", user: me, action_id: its.action_id, value: field.value, ...modal });
    const all = choices(answer.payload || {});
    list.replaceChildren(...all.map((one) => { const option = element("option"); option.value = one.text.text; return option; }));
  };
  queueMicrotask(() => field.after(list));
}

function read(its, field) {
  if (field.multiple) return [...field.selectedOptions].map((option) => option.value);
  if (its.type === "datetimepicker") return field.value ? Math.floor(field.valueAsNumber / 1000) : null;
  return field.value === "" ? "" : field.value;
}

function drawInput(block, where) {
  const field = drawField(block.element);
  field.id = `field-${block.block_id}`;
  field.dataset.block = block.block_id;
  field.its = block.element;
  const label = element("label", "", plain(block.label) + (block.optional ? " (optional)" : ""));
  label.htmlFor = field.id;
  const wrong = (where.errors || {})[block.block_id];
  if (block.dispatch_action) field.onchange = () => pressed(block.element, where, read(block.element, field));
  return [label, field, block.hint ? element("div", "hint", plain(block.hint)) : null, wrong ? element("div", "wrong", wrong) : null].filter(Boolean);
}

function drawModal() {
  const open = state.views.filter((its) => its.view.type === "modal").sort((a, b) => a.id < b.id ? -1 : 1);
  const top = open[open.length - 1];
  const dialog = at("modal");
  if (!top) { dialog.dataset.key = ""; if (dialog.open) dialog.close(); return; }
  const key = JSON.stringify([top.id, top.view.hash, top.errors]);
  if (dialog.dataset.key === key) return;
  const typed = {};
  for (const field of dialog.querySelectorAll("[data-block]")) typed[field.dataset.block] = read(field.its, field);
  const same = dialog.dataset.view === top.id;
  dialog.dataset.key = key;
  dialog.dataset.view = top.id;
  const form = element("form");
  form.append(element("h2", "", plain(top.view.title)));
  form.append(...top.view.blocks.map((block) => drawBlock(block, { view: top.id, errors: top.errors })));
  if (top.errors[""]) form.append(element("div", "wrong", top.errors[""]));
  const close = element("button", "", plain(top.view.close) || "Cancel");
  close.type = "button";
  close.onclick = () => act({ type: "close", view: top.id });
  const row = element("div", "row", close);
  if (top.view.submit) row.append(element("button", "submit", plain(top.view.submit)));
  form.append(row);
  form.onsubmit = (event) => {
    event.preventDefault();
    const values = {};
    for (const field of form.querySelectorAll("[data-block]")) {
      const value = read(field.its, field);
      values[field.dataset.block] = { [field.its.action_id]: value };
    }
    act({ type: "submit", view: top.id, values }).then((its) => {
      const why = { missing_value: "Please fill this in.", invalid_value: "That does not fit.", option_not_found: "Please choose one." }[its.error];
      if (why) at("told").textContent = "";
      if (why) for (const name of its.errors) form.querySelector(`[data-block="${CSS.escape(name)}"]`).after(element("div", "wrong", why));
    });
  };
  dialog.replaceChildren(form);
  if (same) for (const field of form.querySelectorAll("[data-block]")) {
    const before = typed[field.dataset.block];
    if (Array.isArray(before)) for (const option of field.options) option.selected = before.includes(option.value);
    else if (before !== undefined) field.value = before;
  }
  dialog.oncancel = (event) => { event.preventDefault(); act({ type: "close", view: top.id }); };
  if (!dialog.open) dialog.showModal();
}

at("who").onchange = () => choose(at("who").value);
at("leave").onclick = () => { thread = ""; shown = ""; drawMessages(); };
at("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); at("say").requestSubmit(); }
};
at("say").onsubmit = async (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text || !channel) return;
  at("text").value = "";
  const word = text.split(/\s/)[0];
  // Slack's own commands.
  const own = { "/invite": "invite", "/remove": "kick", "/leave": "leave" }[word];
  if (own) {
    const user = own === "leave" ? me : text.slice(word.length).trim();
    await act({ type: own, channel, user, inviter: me });
    return;
  }
  if (text[0] === "/" && state.commands.includes(word)) {
    if (thread) { at("told").textContent = `${word} is not supported in threads. Sorry!`; return; }
    await act({ type: "command", channel, user: me, command: word, text: text.slice(word.length).trim(), typed: true });
    return;
  }
  const wish = { type: "say", channel, user: me, text, typed: true };
  if (thread) wish.thread_ts = thread;
  await act(wish);
};
listen();
