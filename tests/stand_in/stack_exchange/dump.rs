//! Sites from the posts that people wrote; what a dump of posts does not tell is made up, always the same.

use std::path::Path;

use chrono::NaiveDateTime;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::json;

use super::people::{Who, mixed, object};
use super::shelf::Object;
use super::site::{NewPost, Site};

const REASONS: [&str; 4] = [
    "Duplicate",
    "Needs more focus",
    "Not suitable for this site",
    "Opinion-based",
];
const REMARKS: [&str; 8] = [
    "Could you say where you read that?",
    "I tried it last week and it's much better cold.",
    "This doesn't answer the question & should be a comment.",
    "Thanks, that is what I was looking for!",
    "Welcome to the site. Please take the tour.",
    "Are you sure? I have seen `< 5 %` on the label.",
    "That is nonsense, you obviously never tasted one.",
    "See also the question about storing it.",
];
const EDITED: [&str; 5] = [
    "fixed grammar",
    "added tags",
    "improved formatting",
    "spelling & punctuation",
    "added 42 characters in body",
];

/// A row of the dump.
struct Row {
    id: u64,
    kind: u32,
    at: i64,
    parent: Option<u64>,
    accepted: Option<u64>,
    who: Who,
    editor: Option<Who>,
    edited: Option<i64>,
    active: Option<i64>,
    closed: Option<i64>,
    wiki: Option<i64>,
    comments: u64,
    favourites: i64,
    title: String,
    body: String,
    tags: Vec<String>,
    score: i64,
    views: i64,
}

impl Site {
    /// The questions and answers of a file `Posts.xml`, each from the second on in which it was written.
    pub fn posts(param: &str, path: impl AsRef<Path>) -> Site {
        Site::of_dump(param, path.as_ref(), false)
    }

    /// The same with the texts about tags, which the real API does not give.
    pub fn all_posts(param: &str, path: impl AsRef<Path>) -> Site {
        Site::of_dump(param, path.as_ref(), true)
    }

    fn of_dump(param: &str, path: &Path, wikis: bool) -> Site {
        let mut rows = rows(path);
        rows.sort_by_key(|row| (row.at, row.id));
        let mut site = Site::new(param);
        let mut remarks = Vec::new();
        let mut proposals = Vec::new();
        for row in rows {
            later(&mut site, &row);
            for n in 0..row.comments {
                let chance = mixed(row.id, 100 + n);
                // Most soon, some after weeks.
                let most = if chance.is_multiple_of(3) {
                    60 * 86_400
                } else {
                    6 * 3600
                };
                remarks.push((row.at + 60 + (chance >> 8) as i64 % most, row.id, chance));
            }
            if let (Some(editor), Some(edited)) = (&row.editor, row.edited)
                && *editor != row.who
                && row.kind <= 2
                && mixed(row.id, 5).is_multiple_of(3)
            {
                let proposed = (edited - 3600).max(row.at + 1);
                proposals.push((proposed, edited.max(proposed), row.id, editor.clone()));
            }
            written(&mut site, row, wikis);
        }
        remarks.sort_unstable();
        for ((at, post, chance), id) in remarks.into_iter().zip(1..) {
            site.at(at, move |site, at| {
                let who = Who::Number(1 + chance % 400);
                let text = REMARKS[(chance >> 20) as usize % REMARKS.len()];
                site.comments(at, id, post, &who, (chance >> 30) as i64 % 4, text);
            });
        }
        proposals.sort_by_key(|(at, _, post, _)| (*at, *post));
        for ((at, decided, post, who), id) in proposals.into_iter().zip(1..) {
            let comment = EDITED[id as usize % EDITED.len()];
            site.at(at, move |site, at| {
                let Some(body) = site.posts.get(post).map(|post| post["body"].clone()) else {
                    return;
                };
                site.proposes(at, id, post, &who, comment, body.as_str().unwrap_or(""));
            });
            let approved = !mixed(id, 6).is_multiple_of(5);
            site.at(decided, move |site, at| site.decides(at, id, approved));
        }
        site
    }
}

/// The post itself, at its second.
fn written(site: &mut Site, row: Row, wikis: bool) {
    let (at, id, kind, parent) = (row.at, row.id, row.kind, row.parent);
    let more = match kind {
        1 => object(json!({"favorite_count": row.favourites})),
        _ => Object::new(),
    };
    let new = NewPost {
        id,
        who: row.who,
        title: row.title,
        body: row.body,
        tags: row.tags,
        score: row.score,
        views: row.views,
        more,
    };
    let who = new.who.clone();
    match (kind, parent) {
        (1, _) => site.at(at, move |site, at| site.asks(at, new)),
        (2, Some(question)) => site.at(at, move |site, at| site.answers(at, question, new)),
        _ if wikis => site.at(at, move |site, at| site.describes(at, new)),
        _ => {}
    }
    // Somebody's first question or answer is worth a badge a day later.
    if let Some(number) = who.number().filter(|_| kind <= 2) {
        let (badge, name) = if kind == 1 {
            (2, "Student")
        } else {
            (3, "Teacher")
        };
        site.at(at + 86_400, move |site, at| {
            let field = if kind == 1 {
                "question_count"
            } else {
                "answer_count"
            };
            let first = site.users.get(number).is_some_and(|user| user[field] == 1);
            if first {
                site.awards(at, &who, badge, name, "bronze");
            }
        });
    }
}

/// What happens to the post afterwards.
fn later(site: &mut Site, row: &Row) {
    let id = row.id;
    if let (Some(at), Some(editor)) = (row.edited, row.editor.clone()) {
        let comment = EDITED[mixed(id, 7) as usize % EDITED.len()];
        site.at(at.max(row.at + 1), move |site, at| {
            site.edits(at, id, &editor, comment, None)
        });
    }
    if let Some(answer) = row.accepted {
        site.at(row.at + 3 * 3600, move |site, at| {
            accepted(site, at, answer, 40)
        });
    }
    if let Some(at) = row.closed {
        let reason = REASONS[mixed(id, 8) as usize % REASONS.len()];
        let by: Vec<Who> = (0..5)
            .map(|n| Who::Number(1 + mixed(id, 200 + n) % 400))
            .collect();
        site.at(at, move |site, at| {
            let same = (reason == "Duplicate").then_some(id / 2);
            site.closes(at, id, reason, &by, same);
        });
    }
    if let Some(at) = row.wiki {
        site.at(at.max(row.at), move |site, at| {
            site.sets(id, json!({"community_owned_date": at}))
        });
    }
    if row.kind == 1 {
        if let Some(at) = row.active.filter(|at| *at > row.at) {
            site.at(at, move |site, at| site.touches(at, id));
        }
        if mixed(id, 9).is_multiple_of(20) {
            let amount = [50, 100, 250][mixed(id, 10) as usize % 3];
            let days = 2 + (mixed(id, 11) % 8) as i64;
            site.at(row.at + days * 86_400, move |site, at| {
                site.offers(at, id, amount)
            });
        }
    }
}

/// An answer is accepted as soon as it is there; who asked looks every three days.
fn accepted(site: &mut Site, at: i64, answer: u64, looks: u32) {
    if site.answers.get(answer).is_some() {
        site.accepts(answer);
    } else if looks > 0 {
        site.at(at + 3 * 86_400, move |site, at| {
            accepted(site, at, answer, looks - 1)
        });
    }
}

fn rows(path: &Path) -> Vec<Row> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut rows = Vec::new();
    loop {
        match reader.read_event().expect("the dump is whole") {
            Event::Empty(element) if element.name().as_ref() == "row" => rows.push(row(&element)),
            Event::Eof => return rows,
            _ => {}
        }
    }
}

fn row(element: &BytesStart) -> Row {
    let get = |name: &str| {
        let value = element
            .try_get_attribute(name)
            .expect("it is well-formed")?
            .value;
        Some(html_escape::decode_html_entities(&value).into_owned())
    };
    let number = |name: &str| get(name).and_then(|text| text.parse::<i64>().ok());
    let time = |name: &str| {
        let time = NaiveDateTime::parse_from_str(&get(name)?, "%Y-%m-%dT%H:%M:%S%.f");
        time.ok().map(|time| time.and_utc().timestamp())
    };
    let user = |field: &str| {
        number(field)
            .and_then(|id| u64::try_from(id).ok())
            .map(Who::Number)
    };
    let id = number("Id").expect("a row has an id") as u64;
    let gone = || Who::Gone(get("OwnerDisplayName").unwrap_or_else(|| format!("user{id}")));
    let tags = get("Tags").unwrap_or_default();
    Row {
        id,
        kind: number("PostTypeId").unwrap_or(0) as u32,
        at: time("CreationDate").expect("a row has a date"),
        parent: number("ParentId").map(|id| id as u64),
        accepted: number("AcceptedAnswerId").map(|id| id as u64),
        who: user("OwnerUserId").unwrap_or_else(gone),
        editor: user("LastEditorUserId").or_else(|| get("LastEditorDisplayName").map(Who::Gone)),
        edited: time("LastEditDate"),
        active: time("LastActivityDate"),
        closed: time("ClosedDate"),
        wiki: time("CommunityOwnedDate"),
        comments: number("CommentCount").unwrap_or(0) as u64,
        favourites: number("FavoriteCount").unwrap_or(0),
        title: get("Title").unwrap_or_default(),
        body: get("Body").unwrap_or_default(),
        tags: tags
            .split(['<', '>'])
            .filter(|tag| !tag.is_empty())
            .map(String::from)
            .collect(),
        score: number("Score").unwrap_or(0),
        views: number("ViewCount").unwrap_or(0),
    }
}
