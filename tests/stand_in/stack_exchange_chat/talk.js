"use strict";
(() => {
  const chat = document.getElementById("chat");
  const setup = JSON.parse(chat.dataset.setup);
  const input = document.getElementById("input");
  const told = document.getElementById("told");
  const replying = document.getElementById("replying");
  const messages = new Map();
  const present = new Map();
  let seen = 0, about = null, wait = 1;

  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const tell = (text, bad) => {
    told.textContent = text;
    told.className = bad ? "bad" : "";
  };
  const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

  // The key stands behind this script.
  const key = () => document.getElementById("fkey").value;
  const ask = async (path, fields) => {
    const body = new URLSearchParams({ fkey: key(), ...fields });
    const answer = await fetch(path, { method: "POST", body, redirect: "manual" });
    const text = await answer.text();
    if (!answer.ok) {
      const said = answer.headers.get("chat") === "error" ? text : "That did not work.";
      const left = /You can perform this action again in (\d+) second/.exec(text);
      throw Object.assign(new Error(said), { left: left ? Number(left[1]) : 0 });
    }
    return JSON.parse(text);
  };
  const act = async (path, fields) => {
    const done = await ask(path, fields);
    if (done !== "ok") tell(done, true);
  };

  const people = () => {
    const names = [...present.values()].sort((a, b) => a.localeCompare(b));
    document.getElementById("present-users").textContent = names.length ? "Here: " + names.join(", ") : "";
  };

  const hour = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

  const atEnd = () => chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
  const keepEnd = (change) => {
    const end = atEnd();
    change();
    if (end) chat.scrollTop = chat.scrollHeight;
  };

  const system = (text) => keepEnd(() => chat.append(make("div", "system", text)));

  const monologue = (event) => {
    const last = chat.lastElementChild;
    const near = last && last.dataset.user === String(event.user_id) && event.time_stamp - last.dataset.at < 300;
    if (near) return last.querySelector(".messages");
    const mono = make("div", "monologue user-" + event.user_id + (event.user_id === setup.user ? " mine" : ""));
    mono.dataset.user = event.user_id;
    mono.dataset.at = event.time_stamp;
    const signature = make("div", "signature");
    const name = make("a", "username", event.user_name);
    name.href = "/users/" + event.user_id;
    signature.append(name, make("time", "", hour(event.time_stamp)));
    const lines = make("div", "messages");
    mono.append(signature, lines);
    chat.append(mono);
    return lines;
  };

  const button = (name, title, does) => {
    const one = make("button", "", name);
    one.type = "button";
    one.title = title;
    one.addEventListener("click", () => Promise.resolve(does()).catch((error) => tell(error.message, true)));
    return one;
  };

  const draw = (line, event) => {
    line.replaceChildren();
    line.className = "message";
    const gone = event.content === undefined || event.content === null;
    if (gone) line.classList.add("gone");
    if (event.parent_id && event.show_parent) {
      const arrow = make("a", "reply-info", "\u21a9");
      arrow.href = "/transcript/message/" + event.parent_id + "#" + event.parent_id;
      arrow.title = "a reply";
      arrow.addEventListener("click", (click) => {
        const parent = document.getElementById("message-" + event.parent_id);
        if (!parent) return;
        click.preventDefault();
        parent.scrollIntoView({ block: "center" });
        parent.classList.add("highlight");
        setTimeout(() => parent.classList.remove("highlight"), 2000);
      });
      line.append(arrow);
    }
    const content = make("div", "content");
    // The server has escaped it.
    if (gone) content.textContent = "(removed)";
    else content.innerHTML = event.content;
    if (!gone && /^&gt; ./.test(event.content)) {
      content.innerHTML = event.content.slice(5);
      content.classList.add("quoted");
    }
    for (const partial of content.querySelectorAll(".partial")) {
      const more = button("(see full text)", "", async () => {
        const whole = await fetch("/messages/" + setup.room + "/" + event.message_id);
        content.innerHTML = await whole.text();
      });
      partial.after(more);
    }
    line.append(content);
    if (event.message_edits) line.append(make("span", "edits", "edited"));
    if (event.message_stars || event.message_owner_stars) {
      const stars = make("span", "stars" + (event.message_owner_stars ? " owner-star" : ""));
      stars.append("\u2605 ", make("span", "times", event.message_stars || ""));
      line.append(stars);
    }
    if (!gone && setup.user && input) line.append(actions(event));
  };

  const actions = (event) => {
    const id = event.message_id;
    const all = make("span", "actions");
    const mine = event.user_id === setup.user;
    all.append(button("reply", "answer this", () => begin("reply", event)));
    if (mine || setup.moderator) {
      all.append(button("edit", "change it, within two minutes", () => begin("edit", event)));
      all.append(button("delete", "within two minutes", () => act("/messages/" + id + "/delete", {})));
    }
    if (!mine) all.append(button("star", "give or take back a star", () => act("/messages/" + id + "/star", {})));
    if (setup.owner) all.append(button("pin", "pin or unpin", () => act("/messages/" + id + "/owner-star", {})));
    return all;
  };

  const begin = async (what, event) => {
    about = { what, id: event.message_id };
    const words = { reply: "Reply to " + event.user_name + ": ", edit: "Edit: " };
    const plain = make("div");
    plain.innerHTML = event.content || "";
    const text = make("span", "", words[what] + plain.textContent);
    replying.replaceChildren(text, button("cancel", "", end));
    replying.hidden = false;
    if (what === "edit") {
      const source = await (await fetch("/message/" + event.message_id + "?plain=true")).text();
      input.value = source;
    }
    input.focus();
    size();
  };
  const end = () => {
    if (about && about.what === "edit") input.value = "";
    about = null;
    replying.hidden = true;
    size();
  };

  const show = (event) => keepEnd(() => {
    const known = messages.get(event.message_id);
    if (known) {
      // Others' words about it do not change whose it is.
      const { user_id, user_name, time_stamp } = known.event;
      known.event = { ...event, user_id, user_name, time_stamp };
      draw(known.line, known.event);
      return;
    }
    const line = make("div", "message");
    line.id = "message-" + event.message_id;
    messages.set(event.message_id, { event, line });
    monologue(event).append(line);
    draw(line, event);
  });

  const drop = (id) => {
    const known = messages.get(id);
    if (!known) return;
    const mono = known.line.closest(".monologue");
    known.line.remove();
    messages.delete(id);
    if (mono && !mono.querySelector(".message")) mono.remove();
  };

  const happened = (event) => {
    switch (event.event_type) {
      case 1: case 2: case 20: show(event); break;
      case 3:
        present.set(event.user_id, event.user_name);
        people();
        break;
      case 4:
        present.delete(event.user_id);
        people();
        break;
      case 5: document.getElementById("roomname").textContent = event.room_name; break;
      case 6: {
        const known = messages.get(event.message_id);
        if (known) show({ ...event, parent_id: known.event.parent_id, show_parent: known.event.show_parent });
        break;
      }
      case 8: case 18:
        tell((event.event_type === 8 ? "You were called by " : "You were answered by ") + event.user_name
          + (event.room_id === setup.room ? "" : " in " + event.room_name));
        messages.get(event.message_id)?.line.classList.add("meant");
        break;
      case 10: {
        const known = messages.get(event.message_id);
        if (known) show({ ...known.event, content: null });
        break;
      }
      case 15: system(event.content + (event.target_user_id === setup.user ? " for you" : "")); break;
      case 17: {
        const line = make("div", "system");
        line.innerHTML = event.content;
        keepEnd(() => chat.append(line));
        break;
      }
      case 19: drop(event.message_id); break;
      case 34:
        if (present.has(event.target_user_id)) present.set(event.target_user_id, event.user_name);
        people();
        break;
      default: break;
    }
  };

  const join = async () => {
    const answer = await ask("/chats/" + setup.room + "/events", { since: 0, mode: "Messages", msgCount: 100 });
    for (const event of answer.events) {
      if (event.event_type === 1) show(event);
    }
    return answer.time;
  };

  const listen = async () => {
    seen = await join();
    chat.scrollTop = chat.scrollHeight;
    const { url } = await ask("/ws-auth", { roomid: setup.room });
    const socket = new WebSocket(url + "?l=" + seen);
    let last = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - last > 45000) socket.close();
    }, 5000);
    socket.onopen = () => { wait = 1; tell(""); };
    socket.onmessage = (message) => {
      last = Date.now();
      const frame = JSON.parse(message.data);
      const ours = frame["r" + setup.room] || {};
      for (const event of ours.e || []) {
        if (event.id > seen) happened(event);
      }
      if (ours.t) seen = Math.max(seen, ours.t);
      if (frame.reset) socket.close();
    };
    // A browser may keep a page that one has left, with its socket.
    const leave = () => socket.close();
    addEventListener("pagehide", leave);
    await new Promise((done) => { socket.onclose = done; });
    removeEventListener("pagehide", leave);
    clearInterval(watch);
  };

  const live = async () => {
    for (;;) {
      try {
        await listen();
      } catch (error) {
        tell(error.message, true);
      }
      tell("Connecting again\u2026", true);
      await sleep(wait);
      wait = Math.min(wait * 2, 30);
    }
  };

  const size = () => {
    input.style.height = "auto";
    input.style.height = Math.min(input.scrollHeight + 2, 160) + "px";
  };

  const send = async () => {
    const text = input.value;
    if (!text.trim()) return;
    const form = document.getElementById("sayit-button");
    form.disabled = true;
    try {
      for (;;) {
        try {
          if (about && about.what === "edit") {
            await act("/messages/" + about.id, { text });
          } else {
            const fields = about ? { text, parentId: about.id } : { text };
            const said = await ask("/chats/" + setup.room + "/messages/new", fields);
            tell(said.id === null ? "You have just said that." : "", said.id === null);
          }
          break;
        } catch (error) {
          if (!error.left) throw error;
          tell(error.message, true);
          await sleep(error.left + 0.2);
        }
      }
      input.value = "";
      end();
    } catch (error) {
      tell(error.message, true);
    }
    form.disabled = false;
    size();
    input.focus();
  };

  const begins = () => {
    for (const user of JSON.parse(document.querySelector(".js-present").dataset.users)) {
      present.set(user.id, user.name);
    }
    people();
    if (input) {
      document.getElementById("say").addEventListener("submit", (event) => {
        event.preventDefault();
        send();
      });
      input.addEventListener("input", size);
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          send();
        }
        if (event.key === "Escape") end();
      });
    }
    live();
  };
  document.addEventListener("DOMContentLoaded", begins);
})();
