//! One site as it is at a moment, and what still comes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::made_up::MadeUp;
use super::people::{Who, object, slug};
use super::shelf::{CREATED, Object, Shelf, number, text};

/// Something that happens later, at a second.
type Later = Box<dyn FnOnce(&mut Site, i64) + Send>;

pub struct Site {
    /// The `api_site_parameter`: `beer`.
    pub param: String,
    /// `Beer`.
    pub name: String,
    /// `beer.stackexchange.com`.
    pub host: String,
    /// Its number on the web socket.
    pub number: u32,
    pub questions: Shelf,
    pub answers: Shelf,
    pub posts: Shelf,
    pub comments: Shelf,
    pub edits: Shelf,
    pub revisions: Shelf,
    pub tags: Shelf,
    pub users: Shelf,
    pub badges: Shelf,
    pub tag_numbers: BTreeMap<String, u64>,
    pub(super) growth: Option<MadeUp>,
    later: BTreeMap<(i64, u64), Later>,
    order: u64,
    running: u64,
    /// What the web socket has not told yet.
    pub(super) active: Vec<Ping>,
}

/// A question to which something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ping {
    pub site: String,
    pub number: u32,
    /// The inner object of the message.
    pub about: Value,
}

/// A post when it is written.
#[derive(Clone, Debug)]
pub struct NewPost {
    pub id: u64,
    pub who: Who,
    /// Of a question.
    pub title: String,
    /// HTML, or plain text, which becomes a paragraph.
    pub body: String,
    /// Of a question.
    pub tags: Vec<String>,
    pub score: i64,
    pub views: i64,
    /// Fields that are not usual; they replace others of the same name.
    pub more: Object,
}

impl Site {
    /// A site without anything on it.
    pub fn empty(param: &str, name: &str, host: &str, number: u32) -> Site {
        let both = ["last_activity_date"];
        Site {
            param: param.into(),
            name: name.into(),
            host: host.into(),
            number,
            questions: Shelf::new(&both),
            answers: Shelf::new(&both),
            posts: Shelf::new(&both),
            comments: Shelf::new(&[]),
            edits: Shelf::new(&[]),
            revisions: Shelf::new(&[]),
            tags: Shelf::new(&[]),
            users: Shelf::new(&[]),
            badges: Shelf::new(&[]),
            tag_numbers: BTreeMap::new(),
            growth: None,
            later: BTreeMap::new(),
            order: 0,
            running: 0,
            active: Vec::new(),
        }
    }

    /// What happens at `at`; things of the same second happen in the order of their naming.
    pub fn at(&mut self, at: i64, what: impl FnOnce(&mut Site, i64) + Send + 'static) {
        self.order += 1;
        self.later.insert((at, self.order), Box::new(what));
    }

    /// When something happens next, as far as that is known.
    pub fn next(&self) -> Option<i64> {
        let later = self.later.keys().next().map(|(at, _)| *at);
        let made = self.growth.as_ref().map(MadeUp::next);
        later.into_iter().chain(made).min()
    }

    /// Lets everything happen up to `now`, and `now` too.
    pub fn advance(&mut self, now: i64) {
        while let Some(at) = self.next().filter(|at| *at <= now) {
            if let Some(mut growth) = self.growth.take() {
                if growth.next() <= at {
                    growth.grow(self);
                    self.growth = Some(growth);
                    continue;
                }
                self.growth = Some(growth);
            }
            let (_, what) = self.later.pop_first().expect("it was the next one");
            what(self, at);
        }
    }

    /// The next number of things that have none of their own.
    fn running(&mut self) -> u64 {
        self.running += 1;
        self.running
    }

    /// Knows a user from now on.
    pub fn meets(&mut self, at: i64, who: &Who) -> Object {
        let shallow = who.shallow(&self.host);
        if let Some(id) = who.number()
            && self.users.get(id).is_none()
        {
            let mut user = shallow.clone();
            user.extend(object(json!({
                CREATED: at, "creation_date": at, "last_access_date": at, "last_modified_date": at,
                "is_employee": false, "badge_counts": {"bronze": 0, "silver": 0, "gold": 0},
                "about_me": "", "answer_count": 0, "question_count": 0, "down_vote_count": 0,
                "up_vote_count": 0, "view_count": 0, "reputation_change_day": 0,
                "reputation_change_week": 0, "reputation_change_month": 0,
                "reputation_change_quarter": 0, "reputation_change_year": 0,
            })));
            self.users.put(id, user);
        }
        shallow
    }

    pub fn asks(&mut self, at: i64, new: NewPost) {
        let owner = self.meets(at, &new.who);
        let link = format!(
            "https://{}/questions/{}/{}",
            self.host,
            new.id,
            slug(&new.title)
        );
        let mut question = written(at, &new, owner, &self.host, "q");
        question.extend(object(json!({
            "question_id": new.id, "title": new.title, "tags": new.tags, "link": link,
            "view_count": new.views, "answer_count": 0, "is_answered": false, "favorite_count": 0,
            "close_vote_count": 0, "delete_vote_count": 0, "reopen_vote_count": 0, "can_close": false,
        })));
        question.extend(new.more.clone());
        for tag in &new.tags {
            self.uses(at, tag);
        }
        if let Some(number) = new.who.number() {
            self.users
                .change(number, |user| more(user, "question_count", 1));
        }
        self.post(&question, "question_id", "question");
        self.questions.put(new.id, question);
        self.revises(at, new.id, &new.who, "", None);
        self.rings(new.id);
    }

    pub fn answers(&mut self, at: i64, question: u64, new: NewPost) {
        let owner = self.meets(at, &new.who);
        let Some(asked) = self.questions.get(question) else {
            return;
        };
        let mut answer = written(at, &new, owner, &self.host, "a");
        answer.extend(object(json!({
            "answer_id": new.id, "question_id": question, "is_accepted": false,
            "title": asked["title"], "tags": asked["tags"],
            "link": format!("{}/{}#{}", text(asked, "link"), new.id, new.id),
        })));
        answer.extend(new.more.clone());
        let good = new.score > 0;
        self.questions.change(question, |question| {
            more(question, "answer_count", 1);
            if good {
                question.insert("is_answered".into(), true.into());
            }
        });
        if let Some(number) = new.who.number() {
            self.users
                .change(number, |user| more(user, "answer_count", 1));
        }
        self.post(&answer, "answer_id", "answer");
        self.answers.put(new.id, answer);
        self.revises(at, new.id, &new.who, "", None);
        self.touches(at, question);
    }

    /// A post that is neither question nor answer: the text about a tag. The real API does not give these.
    pub fn describes(&mut self, at: i64, new: NewPost) {
        let owner = self.meets(at, &new.who);
        let mut post = written(at, &new, owner, &self.host, "q");
        post.insert("_id".into(), new.id.into());
        post.insert("link".into(), post["share_link"].clone());
        post.extend(new.more.clone());
        self.post(&post, "_id", "wiki");
    }

    pub fn accepts(&mut self, answer: u64) {
        let Some(question) = self
            .answers
            .get(answer)
            .map(|its| number(its, "question_id"))
        else {
            return;
        };
        self.answers.change(answer, |answer| {
            answer.insert("is_accepted".into(), true.into());
        });
        self.questions.change(question as u64, |question| {
            question.insert("accepted_answer_id".into(), answer.into());
            question.insert("is_answered".into(), true.into());
        });
    }

    pub fn comments(&mut self, at: i64, id: u64, post: u64, who: &Who, score: i64, body: &str) {
        let owner = self.meets(at, who);
        let Some((link, kind)) = self.below(post) else {
            return;
        };
        let comment = object(json!({
            CREATED: at, "comment_id": id, "post_id": post, "post_type": kind, "owner": owner,
            "creation_date": at, "score": score, "edited": false, "body": html(body, false),
            "body_markdown": body, "can_flag": false, "content_license": licence(at),
            "link": format!("{link}#comment{id}_{post}"),
        }));
        self.comments.put(id, comment);
        for shelf in [&mut self.questions, &mut self.answers, &mut self.posts] {
            shelf.change(post, |post| more(post, "comment_count", 1));
        }
    }

    /// Where a post is, and whether it is a question or an answer.
    fn below(&self, post: u64) -> Option<(String, &'static str)> {
        let link = |object: &Object| text(object, "link").to_string();
        match (self.questions.get(post), self.answers.get(post)) {
            (Some(question), _) => Some((link(question), "question")),
            (None, Some(answer)) => Some((link(answer), "answer")),
            (None, None) => self.posts.get(post).map(|post| (link(post), "wiki")),
        }
    }

    /// A post is edited; `body` is the new text, if that changed.
    pub fn edits(&mut self, at: i64, post: u64, who: &Who, comment: &str, body: Option<&str>) {
        let editor = self.meets(at, who);
        for shelf in [&mut self.questions, &mut self.answers, &mut self.posts] {
            shelf.change(post, |post| {
                post.insert("last_edit_date".into(), at.into());
                post.insert("last_editor".into(), editor.clone().into());
                if let Some(body) = body {
                    post.insert("body".into(), html(body, true).into());
                    post.insert("body_markdown".into(), body.into());
                }
            });
        }
        self.revises(at, post, who, comment, None);
        self.touches(at, post);
    }

    /// Adds a revision; `guid` is made up where none is given.
    pub fn revises(&mut self, at: i64, post: u64, who: &Who, comment: &str, guid: Option<&str>) {
        let Some((_, kind)) = self.below(post) else {
            return;
        };
        self.posts.change(post, |post| more(post, "_revisions", 1));
        let nth = self
            .posts
            .get(post)
            .map_or(1, |post| number(post, "_revisions"));
        let running = self.running();
        let made = format!("{:08X}-{:04X}-4000-8000-{:012X}", post, nth, running);
        let user = self.meets(at, who);
        let its = self.posts.get(post).expect("it is below something");
        let mut revision = object(json!({
            CREATED: at, "creation_date": at, "post_id": post, "post_type": kind, "user": user,
            "revision_guid": guid.unwrap_or(&made), "revision_number": nth,
            "revision_type": "single_user", "is_rollback": comment.starts_with("Rollback"),
            "set_community_wiki": false, "comment": comment, "content_license": licence(at),
            "body": its["body"],
        }));
        for field in ["title", "tags"] {
            let asked = self.questions.get(post).and_then(|asked| asked.get(field));
            if let Some(value) = asked {
                revision.insert(field.into(), value.clone());
            }
        }
        self.revisions.put(running, revision);
    }

    /// Something happened to a post, or to the question it answers.
    pub fn touches(&mut self, at: i64, post: u64) {
        let touch = |object: &mut Object| {
            object.insert("last_activity_date".into(), at.into());
        };
        let mut question = post;
        if let Some(answer) = self.answers.get(post) {
            question = number(answer, "question_id") as u64;
            if number(answer, "last_activity_date") < at {
                self.answers.change(post, touch);
                self.posts.change(post, touch);
            }
        }
        self.questions.change(question, touch);
        self.posts.change(question, touch);
        self.rings(question);
    }

    /// Changes fields of a question, answer or post.
    pub fn sets(&mut self, post: u64, fields: Value) {
        let fields = object(fields);
        for shelf in [&mut self.questions, &mut self.answers] {
            shelf.change(post, |object| object.extend(fields.clone()));
        }
    }

    pub fn closes(
        &mut self,
        at: i64,
        question: u64,
        reason: &str,
        who: &[Who],
        same_as: Option<u64>,
    ) {
        let by: Vec<Object> = who.iter().map(|who| who.shallow(&self.host)).collect();
        let original = same_as
            .and_then(|id| self.questions.get(id))
            .map(|original| {
                json!({
                    "question_id": original["question_id"], "title": original["title"],
                    "answer_count": original["answer_count"],
                })
            });
        let details = json!({
            "by_users": by, "description": format!("{reason}, as the community sees it"), "on_hold": true,
            "original_questions": original.into_iter().collect::<Vec<_>>(), "reason": reason,
        });
        self.sets(
            question,
            json!({"closed_date": at, "closed_reason": reason, "closed_details": details}),
        );
        self.touches(at, question);
    }

    pub fn reopens(&mut self, at: i64, question: u64) {
        self.sets(
            question,
            json!({"closed_date": null, "closed_reason": null, "closed_details": null}),
        );
        self.touches(at, question);
    }

    /// A bounty of seven days.
    pub fn offers(&mut self, at: i64, question: u64, amount: i64) {
        let over = at + 7 * 86_400;
        let (notice, owner) = match self.questions.get(question) {
            Some(asked) => (
                json!({"body": "<p>Looking for more answers.</p>", "creation_date": at, "owner_user_id": 1}),
                asked["owner"].clone(),
            ),
            None => return,
        };
        self.sets(
            question,
            json!({
                "bounty_amount": amount, "bounty_closes_date": over, "bounty_user": owner, "notice": notice,
            }),
        );
        self.touches(at, question);
        self.at(over, move |site, _| {
            site.sets(
                question,
                json!({
                    "bounty_amount": null, "bounty_closes_date": null, "bounty_user": null, "notice": null,
                }),
            );
        });
    }

    /// A post or a comment is gone, with all that stands below it.
    pub fn deletes(&mut self, id: u64) {
        let below = |shelf: &Shelf, field: &str| -> Vec<u64> {
            let its = shelf
                .all()
                .filter(|(_, object)| number(object, field) == id as i64);
            its.map(|(id, _)| *id).collect()
        };
        let answers = below(&self.answers, "question_id");
        let comments = below(&self.comments, "post_id");
        if let Some(answer) = self.answers.take(id) {
            let question = number(&answer, "question_id") as u64;
            self.questions
                .change(question, |question| more(question, "answer_count", -1));
        }
        if let Some(question) = self.questions.take(id) {
            for tag in question["tags"].as_array().into_iter().flatten() {
                if let Some(tag) = tag.as_str().and_then(|tag| self.tag_numbers.get(tag)) {
                    self.tags.change(*tag, |tag| more(tag, "count", -1));
                }
            }
        }
        self.posts.take(id);
        for answer in answers {
            self.deletes(answer);
        }
        for comment in comments {
            self.comments.take(comment);
        }
    }

    /// A tag is used once more, or for the first time.
    pub fn uses(&mut self, at: i64, tag: &str) {
        let id = self.tagged(at, tag);
        self.tags.change(id, |tag| {
            more(tag, "count", 1);
            tag.insert("last_activity_date".into(), at.into());
        });
    }

    /// The number of a tag, which exists from now on.
    pub fn tagged(&mut self, at: i64, tag: &str) -> u64 {
        if let Some(known) = self.tag_numbers.get(tag) {
            return *known;
        }
        let id = self.running();
        self.tag_numbers.insert(tag.into(), id);
        self.tags.put(
            id,
            object(json!({
                CREATED: at, "name": tag, "count": 0, "has_synonyms": false, "is_moderator_only": false,
                "is_required": false, "last_activity_date": at,
            })),
        );
        id
    }

    /// Somebody proposes another text for a post.
    pub fn proposes(&mut self, at: i64, id: u64, post: u64, who: &Who, comment: &str, body: &str) {
        let user = self.meets(at, who);
        let Some((_, kind)) = self.below(post) else {
            return;
        };
        let mut edit = object(json!({
            CREATED: at, "suggested_edit_id": id, "post_id": post, "post_type": kind,
            "creation_date": at, "comment": comment, "proposing_user": user, "body": html(body, true),
        }));
        if let Some(asked) = self.questions.get(post) {
            edit.insert("title".into(), asked["title"].clone());
            edit.insert("tags".into(), asked["tags"].clone());
        }
        self.edits.put(id, edit);
    }

    pub fn decides(&mut self, at: i64, edit: u64, approved: bool) {
        let field = if approved {
            "approval_date"
        } else {
            "rejection_date"
        };
        self.edits.change(edit, |edit| {
            edit.insert(field.into(), at.into());
        });
    }

    /// Somebody gets a badge; `badge` is its number, `rank` gold, silver or bronze.
    pub fn awards(&mut self, at: i64, who: &Who, badge: u64, name: &str, rank: &str) {
        let user = self.meets(at, who);
        let kind = if self.tag_numbers.contains_key(name) {
            "tag_based"
        } else {
            "named"
        };
        let running = self.running();
        let link = format!("https://{}/badges/{badge}/{}", self.host, slug(name));
        self.badges.put(
            running,
            object(json!({
                CREATED: at, "badge_id": badge, "badge_type": kind, "name": name, "rank": rank, "user": user,
                "award_count": 1, "description": format!("What one gets {name} for"), "link": link,
            })),
        );
    }

    /// The same as a post, for `/posts`.
    fn post(&mut self, its: &Object, id: &str, kind: &str) {
        const SHARED: [&str; 16] = [
            CREATED,
            "creation_date",
            "last_activity_date",
            "last_edit_date",
            "owner",
            "score",
            "body",
            "body_markdown",
            "comment_count",
            "link",
            "share_link",
            "title",
            "up_vote_count",
            "down_vote_count",
            "content_license",
            "last_editor",
        ];
        let shared = SHARED
            .iter()
            .filter_map(|field| Some(((*field).into(), its.get(*field)?.clone())));
        let mut post: Object = shared.collect();
        post.insert("post_id".into(), its[id].clone());
        post.insert("post_type".into(), kind.into());
        self.posts.put(number(its, id) as u64, post);
    }

    /// Tells the web socket about a question.
    fn rings(&mut self, question: u64) {
        let Some(asked) = self.questions.get(question) else {
            return;
        };
        let owner = asked["owner"].as_object().expect("every post has an owner");
        let plain = text(asked, "body_markdown");
        let mut about = json!({
            "siteBaseHostAddress": self.host, "id": question.to_string(),
            "titleEncodedFancy": super::fields::encoded(text(asked, "title")),
            "bodySummary": plain.chars().take(200).collect::<String>(),
            "tags": asked["tags"], "lastActivityDate": asked["last_activity_date"],
            "url": asked["link"], "ownerDisplayName": owner["display_name"], "apiSiteParameter": self.param,
        });
        if let Some(link) = owner.get("link") {
            about["ownerUrl"] = link.clone();
        }
        self.active.push(Ping {
            site: self.param.clone(),
            number: self.number,
            about,
        });
    }
}

/// What questions and answers have in common.
fn written(at: i64, new: &NewPost, owner: Object, host: &str, letter: &str) -> Object {
    object(json!({
        CREATED: at, "creation_date": at, "last_activity_date": at, "owner": owner, "score": new.score,
        "title": new.title, "body": html(&new.body, true), "body_markdown": plain(&new.body),
        "comment_count": 0, "up_vote_count": new.score.max(0), "down_vote_count": (-new.score).max(0),
        "share_link": format!("https://{host}/{letter}/{}", new.id), "content_license": licence(at),
        "can_flag": false,
    }))
}

fn more(object: &mut Object, field: &str, by: i64) {
    let value = number(object, field) + by;
    object.insert(field.into(), value.into());
}

/// HTML stays; plain text becomes a paragraph, or is only encoded.
fn html(text: &str, paragraph: bool) -> String {
    if text.trim_start().starts_with('<') {
        return text.into();
    }
    let encoded = super::fields::encoded(text);
    if paragraph {
        format!("<p>{encoded}</p>\n")
    } else {
        encoded
    }
}

/// HTML without its tags, roughly.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    html_escape::decode_html_entities(&text).trim().to_string()
}

fn licence(at: i64) -> &'static str {
    match at {
        ..1_302_220_800 => "CC BY-SA 2.5",
        1_302_220_800..1_525_219_200 => "CC BY-SA 3.0",
        _ => "CC BY-SA 4.0",
    }
}
