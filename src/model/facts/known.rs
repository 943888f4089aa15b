//! Every fact: its names, what it is, which sources give it.

use super::{Known, Sort};

pub(super) const EVERY: &[&str] = &[];
pub(super) const FEED: &[&str] = &["feed"];
pub(super) const EDITED: &[&str] = &["feed", "questions", "answers", "posts"];
pub(super) const WORLD: &[&str] = &[
    "questions",
    "answers",
    "comments",
    "posts",
    "tags",
    "edits",
    "revisions",
    "badges",
    "users",
];
const PEOPLE: &[&str] = &[
    "questions",
    "answers",
    "comments",
    "posts",
    "edits",
    "revisions",
    "badges",
    "users",
];
const VOTED: &[&str] = &["questions", "answers", "comments", "posts"];
pub(super) const QUESTIONS: &[&str] = &["questions"];
pub(super) const POSTS: &[&str] = &["questions", "answers", "posts"];
pub(super) const ANSWERED: &[&str] = &["questions", "answers"];
const BELOW: &[&str] = &["answers", "comments", "edits", "revisions"];
const ABOUT_POSTS: &[&str] = &["comments", "edits", "revisions"];
const DISCUSSED: &[&str] = &["comments", "edits"];
const CHANGES: &[&str] = &["edits", "revisions"];
pub(super) const EDITS: &[&str] = &["edits"];
pub(super) const REVISIONS: &[&str] = &["revisions"];
const BADGES: &[&str] = &["badges"];
pub(super) const TAGS: &[&str] = &["tags"];
const HEATED: &[&str] = &[
    "questions",
    "answers",
    "comments",
    "posts",
    "edits",
    "revisions",
    "users",
];
pub(super) const TAGGED: &[&str] = &["questions", "answers", "tags", "edits", "revisions"];

const fn fact(
    name: &'static str,
    sort: Sort,
    from: &'static [&'static str],
    also: &'static [&'static str],
    sentence: &'static str,
) -> Known {
    Known {
        name,
        also,
        sort,
        sentence,
        unit: "",
        from,
        example: "",
        said: "",
        age: "",
        reader: "",
    }
}

impl Known {
    const fn said(mut self, said: &'static str) -> Known {
        self.said = said;
        self
    }

    const fn example(mut self, example: &'static str) -> Known {
        self.example = example;
        self
    }

    const fn unit(mut self, unit: &'static str) -> Known {
        self.unit = unit;
        self
    }

    const fn age(mut self, age: &'static str) -> Known {
        self.age = age;
        self
    }

    const fn looked_up_by(mut self, reader: &'static str) -> Known {
        self.reader = reader;
        self
    }
}

/// Every fact, in the order of the manual.
pub static ALL: &[Known] = &[
    fact(
        "title",
        Sort::Text,
        EVERY,
        &["headline", "subject"],
        "The title.",
    )
    .example("title:rust"),
    fact(
        "body",
        Sort::Text,
        EVERY,
        &["text"],
        "The text below the title.",
    )
    .example("body:async*"),
    fact(
        "author",
        Sort::Names,
        EVERY,
        &["authors", "by", "writer", "owner"],
        "Who wrote it.",
    )
    .said("by {}")
    .example("author:\"Jon Skeet\""),
    fact(
        "tag",
        Sort::Names,
        EVERY,
        &[
            "tags",
            "tagged",
            "label",
            "labels",
            "category",
            "categories",
        ],
        "Its labels.",
    )
    .said("tagged {}")
    .example("tag:rust,go"),
    fact(
        "length",
        Sort::Number,
        EVERY,
        &["len", "chars", "characters", "size"],
        "How many characters the body has, or the title where there is no body.",
    )
    .unit("characters")
    .said("with {} characters")
    .example("length:<200"),
    fact(
        "created",
        Sort::Time,
        EVERY,
        &["date", "age", "published", "posted", "asked"],
        "When it was published; where the source does not say, when it was first seen.",
    )
    .said("created {}")
    .age("age of created")
    .example("created:<7d"),
    fact(
        "url",
        Sort::Names,
        EVERY,
        &["urls", "link", "address"],
        "Where it leads.",
    )
    .said("with the address {}")
    .example("url:*github.com*"),
    fact(
        "id",
        Sort::Names,
        EVERY,
        &["ids"],
        "What its source calls it.",
    )
    .said("with the id {}")
    .example("id:1234"),
    fact(
        "edited",
        Sort::Time,
        EDITED,
        &["updated", "modified", "changed"],
        "When it was last changed.",
    )
    .said("edited {}")
    .age("age of edited")
    .example("edited:<1h"),
    fact(
        "enclosure",
        Sort::Names,
        FEED,
        &["attachment", "enclosures"],
        "The address of a file that comes with it, such as an episode to listen to.",
    )
    .said("with the attachment {}")
    .example("enclosure:*.mp3"),
    fact(
        "discussion",
        Sort::Names,
        FEED,
        &["discuss"],
        "The address where it is discussed.",
    )
    .said("discussed at {}")
    .example("discussion:*lobste.rs*"),
    fact(
        "site",
        Sort::Names,
        WORLD,
        &["sites"],
        "The site it is on, by its short name or its host.",
    )
    .said("on {}")
    .example("site:stackoverflow,superuser"),
    fact(
        "type",
        Sort::Names,
        WORLD,
        &["types", "kind"],
        "What it is: `question`, `answer`, `comment`, `tag`, `edit`, `revision`, `badge` or `user`; `post` where nobody says which.",
    )
    .said("of the type {}")
    .example("type:question"),
    fact(
        "user",
        Sort::Names,
        PEOPLE,
        &["users", "user-id", "userid", "uid"],
        "The number of its author's account.",
    )
    .said("by user {}")
    .example("user:811"),
    fact(
        "profile",
        Sort::Names,
        PEOPLE,
        &["profiles"],
        "The address of its author's page.",
    )
    .said("by {}")
    .example("profile:*/users/811/*"),
    fact(
        "user-type",
        Sort::Names,
        PEOPLE,
        &["usertype", "account"],
        "What its author's account is: `registered`, `unregistered`, `moderator`, `team_admin` or `does_not_exist`.",
    )
    .said("by accounts that are {}")
    .example("user-type:unregistered"),
    fact(
        "reputation",
        Sort::Number,
        PEOPLE,
        &["rep"],
        "The reputation of its author.",
    )
    .said("by people with {} reputation")
    .example("reputation:<50"),
    fact(
        "score",
        Sort::Number,
        VOTED,
        &["scores", "vote", "votes", "points"],
        "Votes up less votes down.",
    )
    .said("with a score {}")
    .example("score:>=5"),
    fact(
        "answers",
        Sort::Number,
        QUESTIONS,
        &["answer", "answer-count"],
        "How many answers it has.",
    )
    .unit("answers")
    .said("with {} answers")
    .example("answers:0"),
    fact(
        "comments",
        Sort::Number,
        POSTS,
        &["comment", "comment-count"],
        "How many comments it has.",
    )
    .unit("comments")
    .said("with {} comments")
    .example("comments:>10"),
    fact(
        "views",
        Sort::Number,
        QUESTIONS,
        &["view", "view-count"],
        "How often it was looked at.",
    )
    .unit("views")
    .said("with {} views")
    .example("views:>10k"),
    fact(
        "active",
        Sort::Time,
        POSTS,
        &["activity", "last-active"],
        "When something last happened to it.",
    )
    .said("active {}")
    .age("age of active")
    .example("active:<7d"),
    fact(
        "closed",
        Sort::Time,
        QUESTIONS,
        &["closes"],
        "When it was closed.",
    )
    .said("closed {}")
    .age("age of closed")
    .example("closed:<1d"),
    fact(
        "closed-reason",
        Sort::Names,
        QUESTIONS,
        &["close-reason"],
        "Why it was closed.",
    )
    .said("closed as {}")
    .example("closed-reason:Duplicate"),
    fact(
        "close-votes",
        Sort::Number,
        QUESTIONS,
        &["close-vote", "close-vote-count"],
        "How many people have voted to close it.",
    )
    .unit("close votes")
    .said("with {} close votes")
    .example("close-votes:>=3"),
    fact(
        "bounty",
        Sort::Number,
        QUESTIONS,
        &["bounties"],
        "How much reputation is offered for an answer.",
    )
    .said("with a bounty {}")
    .example("bounty:>=100"),
    fact(
        "protected",
        Sort::YesNo,
        QUESTIONS,
        &[],
        "Newcomers cannot answer it.",
    )
    .said("protected")
    .example("is:protected"),
    fact(
        "locked",
        Sort::YesNo,
        QUESTIONS,
        &[],
        "Nothing can be done with it.",
    )
    .said("locked")
    .example("is:locked"),
    fact(
        "accepted",
        Sort::YesNo,
        ANSWERED,
        &[],
        "Of an answer: it is the accepted one. Of a question: one of its answers is.",
    )
    .said("accepted")
    .example("is:accepted"),
    fact(
        "wiki",
        Sort::YesNo,
        ANSWERED,
        &["community-wiki"],
        "It belongs to the community, not to its author.",
    )
    .said("community wiki")
    .example("is:wiki"),
    fact(
        "post",
        Sort::Names,
        BELOW,
        &["posts", "post-id", "postid"],
        "The number of the post that it stands below or belongs to; of an answer, its question.",
    )
    .said("below the post {}")
    .example("post:93696"),
    fact(
        "post-type",
        Sort::Names,
        ABOUT_POSTS,
        &["parent-type"],
        "What that post is: `question`, `answer`.",
    )
    .said("on a post of the type {}")
    .example("post-type:question"),
    fact(
        "post-title",
        Sort::Text,
        BELOW,
        &["parent-title"],
        "The title of that post.",
    )
    .said("with {} in the title of the post")
    .looked_up_by("post")
    .example("post-title:rust"),
    fact(
        "post-score",
        Sort::Number,
        BELOW,
        &["parent-score"],
        "The score of that post.",
    )
    .said("on a post with a score {}")
    .looked_up_by("post")
    .example("post-score:<0"),
    fact(
        "post-created",
        Sort::Time,
        BELOW,
        &["post-age"],
        "When that post was written.",
    )
    .said("on a post created {}")
    .age("age of post-created")
    .looked_up_by("post")
    .example("post-created:>1y"),
    fact(
        "post-active",
        Sort::Time,
        BELOW,
        &["post-activity"],
        "When something last happened to that post.",
    )
    .said("on a post active {}")
    .age("age of post-active")
    .looked_up_by("post")
    .example("post-active:<1d"),
    fact(
        "post-inactive",
        Sort::Span,
        DISCUSSED,
        &["inactive"],
        "How long nothing had happened to that post before this.",
    )
    .said("on a post inactive for {}")
    .looked_up_by("post")
    .example("post-inactive:>7d"),
    fact(
        "edit-comment",
        Sort::Text,
        CHANGES,
        &["summary", "edit-summary"],
        "What its author says the change is for.",
    )
    .said("with {} in the comment of the edit")
    .example("edit-comment:spelling"),
    fact(
        "approved",
        Sort::Time,
        EDITS,
        &["approval"],
        "When it was approved.",
    )
    .said("approved {}")
    .age("age of approved")
    .example("approved:<1d"),
    fact(
        "rejected",
        Sort::Time,
        EDITS,
        &["rejection"],
        "When it was rejected.",
    )
    .said("rejected {}")
    .age("age of rejected")
    .example("rejected:<1d"),
    fact(
        "revision",
        Sort::Number,
        REVISIONS,
        &["revision-number"],
        "Which version of the post it is, counted from 1.",
    )
    .said("that are revision {}")
    .example("revision:>1"),
    fact(
        "revision-type",
        Sort::Names,
        REVISIONS,
        &[],
        "Whose doing it is: `single_user` or `vote_based`.",
    )
    .said("of the revision type {}")
    .example("revision-type:vote_based"),
    fact(
        "rollback",
        Sort::YesNo,
        REVISIONS,
        &[],
        "It brings an older version back.",
    )
    .said("that are rollbacks")
    .example("is:rollback"),
    fact(
        "badge-class",
        Sort::Names,
        BADGES,
        &["class", "rank"],
        "`gold`, `silver` or `bronze`.",
    )
    .said("of {}")
    .example("badge-class:gold"),
    fact(
        "badge-type",
        Sort::Names,
        BADGES,
        &[],
        "`named`, or `tag_based` where it is for a tag.",
    )
    .said("of the badge type {}")
    .example("badge-type:tag_based"),
    fact(
        "uses",
        Sort::Number,
        TAGS,
        &["use", "tag-count"],
        "How many questions have the tag.",
    )
    .unit("questions")
    .said("with {} questions")
    .example("uses:>100"),
    fact(
        "required",
        Sort::YesNo,
        TAGS,
        &[],
        "Every question needs one of these tags; on meta sites.",
    )
    .said("required")
    .example("is:required"),
    fact(
        "moderator-only",
        Sort::YesNo,
        TAGS,
        &[],
        "Moderators alone may set it.",
    )
    .said("for moderators only")
    .example("is:moderator-only"),
    fact(
        "synonyms",
        Sort::YesNo,
        TAGS,
        &["has-synonyms"],
        "Other names lead to the tag.",
    )
    .said("with synonyms")
    .example("has:synonyms"),
    fact(
        "heat",
        Sort::Number,
        HEATED,
        &["heat-detector"],
        "How angry its text sounds to the classifier that the operator set.",
    )
    .said("with a heat {}")
    .looked_up_by("heat")
    .example("heat:>=5"),
    fact(
        "heat-details",
        Sort::Text,
        HEATED,
        &["heat-detail"],
        "What the classifier says beside the number.",
    )
    .said("with {} in what the classifier says")
    .looked_up_by("heat")
    .example("heat-details:matches"),
    fact(
        "burned",
        Sort::YesNo,
        TAGGED,
        &["burned-tag", "burninated"],
        "The tag, or one of its tags, was removed from the site on purpose.",
    )
    .said("burned")
    .looked_up_by("burned")
    .example("is:burned"),
];
