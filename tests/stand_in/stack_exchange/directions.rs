//! Stage directions: one line of a transcript changes a site or the API.

use serde_json::json;

use super::network::{Fault, Network};
use super::people::{Who, mixed};
use super::shelf::{HIDDEN, Object};
use super::site::{NewPost, Site};

impl Network {
    /// Does what a direction says; `false` when it is none of these. `tests/chat/README.md` lists them.
    pub fn direct(&mut self, direction: &str, now: i64) -> bool {
        self.advance(now);
        let words: Vec<&str> = direction.split_whitespace().collect();
        match words.as_slice() {
            [site, "gets", ..] if self.site(site).is_some() => {
                let (_, what) = direction.split_once(" gets ").expect("it stands there");
                let site = self.site(site).expect("it was just there");
                gets(site, what, now);
            }
            [_, _, "on", site, _, ..] | ["tag", _, "on", site, ..] if self.site(site).is_some() => {
                let mut parts = direction.splitn(5, ' ');
                let (kind, id) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
                let what = parts.nth(2).unwrap_or("");
                let site = self.site(site).expect("it was just there");
                becomes(site, kind, id, what, now);
            }
            ["the", "API", "answers", "again"] => self.breaks("", None),
            ["the", "API", "answers", "error", id] => {
                self.breaks("", Some(Fault::Error(number(id) as u32)));
            }
            ["the", "API", "answers", "status", status] => {
                self.breaks("", Some(Fault::Status(number(status) as u16)));
            }
            ["the", "API", "does", "not", "answer"] => self.breaks("", Some(Fault::NeverEnds)),
            ["the", "API", "breaks", "off"] => self.breaks("", Some(Fault::Cut)),
            ["the", "API", "throttles", "for", n, "seconds"] => {
                self.limits.ban(now, number(n) as i64)
            }
            [
                "the",
                "API",
                "wants",
                n,
                "seconds",
                "of",
                "backoff",
                "on",
                method,
            ] => {
                self.limits.wants_backoff(method, number(n) as i64);
            }
            ["the", "API", "has", n, "requests", "left"] => {
                self.limits.has_left(now, number(n) as i64);
            }
            ["the", "API", "was", "asked", n, "times"] => {
                assert_eq!(self.asked("", ""), number(n) as usize, "{}", self.told());
            }
            ["the", "API", "was", "asked", "for", method, n, "times"] => {
                assert_eq!(
                    self.asked(method, ""),
                    number(n) as usize,
                    "{}",
                    self.told()
                );
            }
            [
                "the",
                "API",
                "was",
                "asked",
                "for",
                method,
                "on",
                site,
                n,
                "times",
            ] => {
                assert_eq!(
                    self.asked(method, site),
                    number(n) as usize,
                    "{}",
                    self.told()
                );
            }
            [site, "answers", "again"] if self.site(site).is_some() => self.breaks(site, None),
            [site, "answers", "error", id] if self.site(site).is_some() => {
                self.breaks(site, Some(Fault::Error(number(id) as u32)));
            }
            _ => return false,
        }
        true
    }

    /// What it was asked, for people who look why a test failed.
    fn told(&self) -> String {
        let heard = self
            .heard
            .iter()
            .map(|(at, target)| format!("{at} {target}\n"));
        format!("it was asked:\n{}", heard.collect::<String>())
    }
}

fn number(text: &str) -> u64 {
    text.replace(',', "")
        .parse()
        .unwrap_or_else(|_| panic!("no number: {text}"))
}

/// `question 7 by ann (50): Which hops? [hops, ipa] The body of it`, and the other things a site can get.
fn gets(site: &mut Site, what: &str, now: i64) {
    let (head, text) = what
        .split_once(": ")
        .unwrap_or((what.trim_end_matches(':'), ""));
    let (head, who) = match head.split_once(" by ").or_else(|| head.split_once(" for ")) {
        Some((head, who)) => (head, person(who)),
        None => (head, Who::Gone("nobody".into())),
    };
    let words: Vec<&str> = head.split_whitespace().collect();
    let new = |id: u64, title: &str, tags: Vec<String>, body: &str| NewPost {
        id,
        who: who.clone(),
        title: title.into(),
        body: body.into(),
        tags,
        score: 0,
        views: 1,
        more: Object::new(),
    };
    match words.as_slice() {
        ["question", id] => {
            let (title, tags, body) = titled(text);
            site.asks(now, new(number(id), title, tags, body));
        }
        [count, "questions", "from", first] => {
            let (title, tags, body) = titled(text);
            for id in number(first)..number(first) + number(count) {
                let title = format!("{title} {id}");
                site.asks(now, new(id, title.trim(), tags.clone(), body));
            }
        }
        ["answer", id, "to", question] => {
            site.answers(now, number(question), new(number(id), "", Vec::new(), text));
        }
        ["comment", id, "on", post] => site.comments(now, number(id), number(post), &who, 0, text),
        [count, "comments", "from", first, "on", post] => {
            for id in number(first)..number(first) + number(count) {
                site.comments(now, id, number(post), &who, 0, text);
            }
        }
        ["tag", name] => {
            site.tagged(now, name);
        }
        ["edit", id, "of", post] => {
            let (comment, body) = text
                .split_once(" | ")
                .unwrap_or((text, "The text of the edit."));
            site.proposes(now, number(id), number(post), &who, comment, body);
        }
        ["revision", guid, "of", post] => site.revises(now, number(post), &who, text, Some(guid)),
        ["badge", name @ .., rank] => {
            let name = name.join(" ");
            let id = 1 + name.bytes().map(u64::from).sum::<u64>() % 1000;
            site.awards(now, &who, id, &name, rank.trim_matches(['(', ')']));
        }
        ["user"] => {
            site.meets(now, &who);
            if let Some(id) = who.number() {
                site.users.change(id, |user| {
                    user.insert("about_me".into(), format!("<p>{text}</p>").into());
                });
            }
        }
        _ => panic!("{} cannot get this: {what}", site.param),
    }
}

/// What happens to something that is there: `question 7 on beer is closed as “Duplicate”`.
fn becomes(site: &mut Site, kind: &str, id: &str, what: &str, now: i64) {
    let (head, text) = what.split_once(": ").unwrap_or((what, ""));
    let (head, who) = match head.split_once(" by ") {
        Some((head, who)) => (head, person(who)),
        None => (head, person("ed (2,000)")),
    };
    let words: Vec<&str> = head.split_whitespace().collect();
    if kind == "tag" {
        let id = site.tagged(now, id);
        site.tags.change(id, |tag| {
            match words.as_slice() {
                ["has", "synonyms"] => tag.insert("has_synonyms".into(), true.into()),
                ["is", "required"] => tag.insert("is_required".into(), true.into()),
                ["is", "moderator-only"] => tag.insert("is_moderator_only".into(), true.into()),
                ["has", n, "questions"] => tag.insert("count".into(), number(n).into()),
                _ => panic!("a tag cannot: {what}"),
            };
        });
        return;
    }
    let id = number(id);
    match (kind, words.as_slice()) {
        ("question" | "answer", ["is", "edited"]) => {
            let (comment, body) = match text.split_once(" | ") {
                Some((comment, body)) => (comment, Some(body)),
                None => (text, None),
            };
            site.edits(now, id, &who, comment, body);
        }
        ("question", ["is", "closed", "as", ..]) => {
            let reason = head.split(['“', '”']).nth(1).expect("“REASON”");
            site.closes(now, id, reason, &[who], None);
        }
        ("question", ["is", "reopened"]) => site.reopens(now, id),
        ("question", ["is", "active"]) => site.touches(now, id),
        ("question", ["gets", "a", "bounty", "of", amount]) => {
            site.offers(now, id, number(amount) as i64);
        }
        ("question", ["is", "protected"]) => site.sets(id, json!({"protected_date": now})),
        ("question" | "answer", ["is", "locked"]) => site.sets(id, json!({"locked_date": now})),
        ("question" | "answer", ["is", "wiki"]) => {
            site.sets(id, json!({"community_owned_date": now}))
        }
        ("question", ["has", n, "close", "votes" | "vote"]) => {
            site.sets(id, json!({"close_vote_count": number(n)}));
        }
        ("question", ["has", n, "views"]) => site.sets(id, json!({"view_count": number(n)})),
        ("answer", ["is", "accepted"]) => site.accepts(id),
        ("question" | "answer", ["is", "deleted"]) => site.deletes(id),
        ("comment", ["is", "deleted"]) => {
            site.comments.take(id);
        }
        ("question" | "answer" | "comment", ["has", "score", score]) => {
            let score: i64 = score.parse().expect("a number");
            let shelf = match kind {
                "question" => &mut site.questions,
                "answer" => &mut site.answers,
                _ => &mut site.comments,
            };
            for shelf in [shelf, &mut site.posts]
                .into_iter()
                .take(if kind == "comment" { 1 } else { 2 })
            {
                shelf.change(id, |object| {
                    object.insert("score".into(), score.into());
                });
            }
        }
        ("question" | "answer", ["comes", n, "seconds", "late"]) => {
            let hidden = now + number(n) as i64;
            for shelf in [&mut site.questions, &mut site.answers, &mut site.posts] {
                shelf.change(id, |object| {
                    object.insert(HIDDEN.into(), hidden.into());
                });
            }
        }
        ("edit", ["is", "approved"]) => site.decides(now, id, true),
        ("edit", ["is", "rejected"]) => site.decides(now, id, false),
        _ => panic!("a {kind} cannot: {what}"),
    }
}

/// `Which hops? [hops, ipa] The body of it`.
fn titled(text: &str) -> (&str, Vec<String>, &str) {
    let (title, rest) = text.split_once(" [").unwrap_or((text, ""));
    let (tags, body) = rest.split_once(']').unwrap_or(("", "<p>The body.</p>"));
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    let body = if body.trim().is_empty() {
        "The body."
    } else {
        body.trim()
    };
    (title, tags.map(String::from).collect(), body)
}

/// `ann (50)`, `Ann Abel #811 (1,200, moderator)`, `gone Zed`: name, number, reputation, standing.
fn person(text: &str) -> Who {
    if let Some(name) = text.strip_prefix("gone ") {
        return Who::Gone(name.into());
    }
    let (name, more) = text.split_once(" (").unwrap_or((text, "1"));
    let more = more.trim_end_matches(')');
    let (reputation, standing) = more.rsplit_once(", ").unwrap_or((more, "registered"));
    let (name, id) = match name.split_once(" #") {
        Some((name, id)) => (name, number(id)),
        None => {
            let letters = name
                .bytes()
                .fold(7, |sum, letter| mixed(sum, letter.into()));
            (name, 1000 + letters % 9000)
        }
    };
    Who::Made {
        number: id,
        name: name.into(),
        reputation: number(reputation) as i64,
        standing: standing.into(),
    }
}
