//! The methods: which objects they give.

use serde_json::{Value, json};

use super::asked::{Asked, Sorts, ids};
use super::fields::Filter;
use super::network::Network;
use super::people::object;
use super::refused::{ERRORS, Refused};
use super::shelf::{CREATED, Object, Shelf, Wanted, number, text};
use super::site::Site;

/// Which objects are given.
type Keep = Box<dyn Fn(&Object) -> bool>;

/// What a method gives, before the wrapper.
pub struct Given {
    pub type_name: &'static str,
    pub items: Vec<Object>,
    pub has_more: bool,
    pub total: Option<usize>,
}

const POSTS: Sorts = &[
    ("activity", "last_activity_date"),
    ("creation", "creation_date"),
    ("votes", "score"),
];
const QUESTIONS: Sorts = &[
    ("activity", "last_activity_date"),
    ("creation", "creation_date"),
    ("votes", "score"),
    ("hot", "score"),
    ("week", "score"),
    ("month", "score"),
    ("relevance", "score"),
];
const COMMENTS: Sorts = &[("creation", "creation_date"), ("votes", "score")];
const EDITS: Sorts = &[
    ("creation", "creation_date"),
    ("approval", "approval_date"),
    ("rejection", "rejection_date"),
];
const TAGS: Sorts = &[
    ("popular", "count"),
    ("activity", "last_activity_date"),
    ("name", "name"),
];
const USERS: Sorts = &[
    ("reputation", "reputation"),
    ("creation", "creation_date"),
    ("name", "display_name"),
    ("modified", "last_modified_date"),
];
/// Where one cannot choose.
const DATED: Sorts = &[("creation", CREATED)];

/// A method's name for counting and for back-offs: `questions/{ids}`.
pub fn method(path: &[&str]) -> String {
    let mut words: Vec<&str> = path.to_vec();
    for word in &mut words {
        let numbers = word.chars().all(|c| c.is_ascii_digit() || c == ';');
        if numbers || word.contains('-') && word.len() > 30 || word.starts_with('!') {
            *word = "{ids}";
        }
    }
    if let ["tags", names, "info"] = words.as_mut_slice() {
        *names = "{tags}";
    }
    words.join("/")
}

/// Whether a method is about one site.
pub fn of_a_site(path: &[&str]) -> bool {
    !matches!(path.first(), Some(&("sites" | "filters" | "errors")))
}

/// A method that is about no site.
pub fn of_all(network: &Network, path: &[&str], asked: &Asked) -> Result<Given, Refused> {
    match path {
        ["sites"] => {
            let paging = asked.paging(DATED)?;
            let all: Vec<Object> = network.sites().map(told).collect();
            let skipped = (paging.page - 1) * paging.pagesize;
            let total = all.len();
            let items: Vec<Object> = all
                .into_iter()
                .skip(skipped)
                .take(paging.pagesize)
                .collect();
            Ok(Given {
                type_name: "site",
                has_more: skipped + items.len() < total,
                total: Some(total),
                items,
            })
        }
        ["errors"] => {
            let items = ERRORS.iter().map(|(id, name, description)| {
                object(json!({"error_id": id, "error_name": name, "description": description}))
            });
            Ok(whole("error", items.collect()))
        }
        ["errors", id] => {
            let id: u32 = id.parse().map_err(|_| Refused::parameter("id"))?;
            let known = ERRORS.iter().find(|(known, ..)| *known == id);
            let (id, _, description) = known.ok_or_else(|| Refused::parameter("id"))?;
            Err(Refused::new(*id, *description))
        }
        ["filters", "create"] => {
            let mut filter = match asked.get("base") {
                None => Filter::named("default"),
                Some(base) => Filter::named(base),
            }
            .ok_or_else(|| Refused::parameter("base"))?;
            filter = filter
                .with(asked.get("include").unwrap_or(""), true)
                .map_err(|field| Refused::parameter(format!("include: {field}")))?
                .with(asked.get("exclude").unwrap_or(""), false)
                .map_err(|field| Refused::parameter(format!("exclude: {field}")))?;
            if asked.yes("unsafe")? == Some(true) {
                filter.safe = false;
            }
            Ok(whole("filter", vec![described(&filter)]))
        }
        ["filters", names] => {
            let filters = names.split(';').map(|name| {
                Filter::named(name).ok_or_else(|| Refused::parameter("Invalid filter specified"))
            });
            let filters: Result<Vec<Filter>, Refused> = filters.collect();
            Ok(whole("filter", filters?.iter().map(described).collect()))
        }
        _ => Err(no_method(path)),
    }
}

/// A method that is about one site.
pub fn of_one(site: &Site, path: &[&str], asked: &Asked, now: i64) -> Result<Given, Refused> {
    let all = |_: &Object| true;
    match path {
        ["questions"] => {
            let tags = tagged(asked)?;
            let keep = |question: &Object| tags.iter().all(|tag| has_tag(question, tag));
            list("question", &site.questions, QUESTIONS, asked, None, &keep)
        }
        ["questions", "featured"] => {
            let tags = tagged(asked)?;
            let keep = |question: &Object| {
                number(question, "bounty_closes_date") > now
                    && tags.iter().all(|tag| has_tag(question, tag))
            };
            list("question", &site.questions, POSTS, asked, None, &keep)
        }
        ["questions", which] => list(
            "question",
            &site.questions,
            POSTS,
            asked,
            Some(&ids(which)?),
            &all,
        ),
        ["questions", which, "answers"] => {
            let which = ids(which)?;
            let keep = |answer: &Object| which.contains(&(number(answer, "question_id") as u64));
            list("answer", &site.answers, POSTS, asked, None, &keep)
        }
        ["search", "advanced"] | ["search"] => {
            let fits = search(asked)?;
            list("question", &site.questions, QUESTIONS, asked, None, &*fits)
        }
        ["answers"] => list("answer", &site.answers, POSTS, asked, None, &all),
        ["answers", which] => list(
            "answer",
            &site.answers,
            POSTS,
            asked,
            Some(&ids(which)?),
            &all,
        ),
        ["posts"] => list("post", &site.posts, POSTS, asked, None, &all),
        ["posts", which] => list("post", &site.posts, POSTS, asked, Some(&ids(which)?), &all),
        ["comments"] => list("comment", &site.comments, COMMENTS, asked, None, &all),
        ["comments", which] => list(
            "comment",
            &site.comments,
            COMMENTS,
            asked,
            Some(&ids(which)?),
            &all,
        ),
        ["posts" | "questions" | "answers", which, "comments"] => {
            let keep = below(which)?;
            list("comment", &site.comments, COMMENTS, asked, None, &*keep)
        }
        ["posts", which, "revisions"] => {
            let keep = below(which)?;
            list("revision", &site.revisions, DATED, asked, None, &*keep)
        }
        ["revisions", guids] => {
            let guids: Vec<&str> = guids.split(';').collect();
            if guids.len() > 20 {
                return Err(Refused::parameter("ids"));
            }
            let keep = |revision: &Object| guids.contains(&text(revision, "revision_guid"));
            list("revision", &site.revisions, DATED, asked, None, &keep)
        }
        ["suggested-edits"] => list("suggested_edit", &site.edits, EDITS, asked, None, &all),
        ["suggested-edits", which] => list(
            "suggested_edit",
            &site.edits,
            EDITS,
            asked,
            Some(&ids(which)?),
            &all,
        ),
        ["posts", which, "suggested-edits"] => {
            let keep = below(which)?;
            list("suggested_edit", &site.edits, EDITS, asked, None, &*keep)
        }
        ["tags"] => {
            let part = asked.get("inname").unwrap_or("").to_lowercase();
            let keep = |tag: &Object| text(tag, "name").contains(&part);
            list("tag", &site.tags, TAGS, asked, None, &keep)
        }
        ["tags", names, "info"] => {
            let names: Vec<&str> = names.split(';').collect();
            let keep = |tag: &Object| names.contains(&text(tag, "name"));
            list("tag", &site.tags, TAGS, asked, None, &keep)
        }
        ["users"] => {
            let part = asked.get("inname").unwrap_or("").to_lowercase();
            let keep = |user: &Object| text(user, "display_name").to_lowercase().contains(&part);
            list("user", &site.users, USERS, asked, None, &keep)
        }
        ["users", "moderators"] => {
            let keep = |user: &Object| text(user, "user_type") == "moderator";
            list("user", &site.users, USERS, asked, None, &keep)
        }
        ["users", which] => list("user", &site.users, USERS, asked, Some(&ids(which)?), &all),
        ["badges", "recipients"] => list("badge", &site.badges, DATED, asked, None, &all),
        ["info"] => Ok(whole("info", vec![sizes(site)])),
        _ => Err(no_method(path)),
    }
}

fn list(
    type_name: &'static str,
    shelf: &Shelf,
    sorts: Sorts,
    asked: &Asked,
    only: Option<&[u64]>,
    keep: &dyn Fn(&Object) -> bool,
) -> Result<Given, Refused> {
    let paging = asked.paging(sorts)?;
    let found = shelf.page(&Wanted {
        sort: paging.sort,
        ascending: paging.ascending,
        created: paging.created,
        min: paging.min,
        max: paging.max,
        only,
        late: asked.late,
        keep,
        page: paging.page,
        pagesize: paging.pagesize,
        count: asked.filter()?.has("", "total"),
    });
    Ok(Given {
        type_name,
        items: found.objects.into_iter().cloned().collect(),
        has_more: found.has_more,
        total: found.total,
    })
}

fn whole(type_name: &'static str, items: Vec<Object>) -> Given {
    Given {
        type_name,
        has_more: false,
        total: Some(items.len()),
        items,
    }
}

fn no_method(path: &[&str]) -> Refused {
    Refused::new(
        404,
        format!("no method found with this name: /{}", path.join("/")),
    )
}

/// The tags that a question must have, all of them.
fn tagged(asked: &Asked) -> Result<Vec<String>, Refused> {
    let tags = asked.list("tagged");
    if tags.len() > 5 {
        return Err(Refused::parameter("tagged"));
    }
    Ok(tags)
}

fn has_tag(question: &Object, tag: &str) -> bool {
    let tags = question.get("tags").and_then(Value::as_array);
    tags.is_some_and(|tags| tags.iter().any(|its| its == tag))
}

fn below(which: &str) -> Result<Keep, Refused> {
    let which = ids(which)?;
    Ok(Box::new(move |object| {
        which.contains(&(number(object, "post_id") as u64))
    }))
}

/// The conditions of a search, all of which must hold; of `tagged` any.
fn search(asked: &Asked) -> Result<Keep, Refused> {
    let (any, none) = (asked.list("tagged"), asked.list("nottagged"));
    let (closed, accepted, wiki) = (
        asked.yes("closed")?,
        asked.yes("accepted")?,
        asked.yes("wiki")?,
    );
    let (answers, views, user) = (
        asked.number("answers")?,
        asked.number("views")?,
        asked.number("user")?,
    );
    let words = |name: &str| asked.get(name).map(str::to_lowercase);
    let (title, body, q) = (
        words("title").or(words("intitle")),
        words("body"),
        words("q"),
    );
    Ok(Box::new(move |question| {
        let has = |field: &str| question.get(field).is_some_and(|value| !value.is_null());
        let holds = |field: &str, words: &Option<String>| {
            words
                .as_ref()
                .is_none_or(|words| text(question, field).to_lowercase().contains(words))
        };
        (any.is_empty() || any.iter().any(|tag| has_tag(question, tag)))
            && !none.iter().any(|tag| has_tag(question, tag))
            && closed.is_none_or(|closed| closed == has("closed_date"))
            && accepted.is_none_or(|accepted| accepted == has("accepted_answer_id"))
            && wiki.is_none_or(|wiki| wiki == has("community_owned_date"))
            && answers.is_none_or(|answers| number(question, "answer_count") >= answers)
            && views.is_none_or(|views| number(question, "view_count") >= views)
            && user.is_none_or(|user| question["owner"]["user_id"].as_i64() == Some(user))
            && holds("title", &title)
            && holds("body", &body)
            && (holds("title", &q) || holds("body", &q))
    }))
}

fn described(filter: &Filter) -> Object {
    object(json!({
        "filter": filter.name(),
        "filter_type": if filter.safe { "safe" } else { "unsafe" },
        "included_fields": filter.included(),
    }))
}

/// A site as `/sites` tells it.
fn told(site: &Site) -> Object {
    let url = format!("https://{}", site.host);
    let picture = |name: &str| format!("https://cdn.example/{}/{name}.png", site.param);
    let meta = site.param == "meta" || site.param.starts_with("meta.");
    object(json!({
        "api_site_parameter": site.param, "name": site.name, "site_url": url,
        "audience": format!("people interested in {}", site.name.to_lowercase()), "site_state": "normal",
        "site_type": if meta { "meta_site" } else { "main_site" }, "launch_date": 1_300_000_000,
        "icon_url": picture("icon"), "logo_url": picture("logo"), "favicon_url": picture("favicon"),
        "high_resolution_icon_url": picture("large"), "markdown_extensions": ["Prettify"],
        "styling": {"link_color": "#0077CC", "tag_background_color": "#E0EAF1", "tag_foreground_color": "#3E6D8E"},
    }))
}

/// How large a site is.
fn sizes(site: &Site) -> Object {
    object(json!({
        "total_questions": site.questions.len(), "total_answers": site.answers.len(),
        "total_comments": site.comments.len(), "total_users": site.users.len(),
        "total_badges": site.badges.len(), "total_votes": 0, "total_accepted": 0, "total_unanswered": 0,
        "questions_per_minute": 0.01, "answers_per_minute": 0.01, "badges_per_minute": 0.01,
        "new_active_users": 0, "api_revision": "2026.1.1.1", "site": told(site),
    }))
}
