//! Every mark that stands behind `is:` and `has:`.

use super::known::{
    ANSWERED, EDITED, EDITS, EVERY, FEED, POSTS, QUESTIONS, REVISIONS, TAGGED, TAGS, WORLD,
};
use super::{Mark, Test};

const fn mark(
    verb: &'static str,
    name: &'static str,
    key: &'static str,
    from: &'static [&'static str],
    test: Test,
    said: (&'static str, &'static str),
    sentence: &'static str,
) -> Mark {
    Mark {
        verb,
        name,
        also: &[],
        sentence,
        from,
        test,
        said,
        key,
    }
}

impl Mark {
    const fn also(mut self, also: &'static [&'static str]) -> Mark {
        self.also = also;
        self
    }
}

/// Every mark, in the order of the manual.
pub static MARKS: &[Mark] = &[
    mark(
        "has",
        "author",
        "has:author",
        EVERY,
        Test::Named("author"),
        ("with ", "a named author"),
        "Somebody is named as its author.",
    ),
    mark(
        "has",
        "tag",
        "has:tag",
        EVERY,
        Test::Named("tag"),
        ("with ", "a tag"),
        "It has a tag.",
    )
    .also(&["tags"]),
    mark(
        "has",
        "link",
        "has:link",
        EVERY,
        Test::Link,
        ("with ", "a link in it"),
        "A web address, `http://…` or `https://…`, stands in its title or its body.",
    )
    .also(&["links", "url"]),
    mark(
        "has",
        "code",
        "has:code",
        EVERY,
        Test::Code,
        ("with ", "code"),
        "Code stands in its body: between back-ticks, or in a line that begins with four spaces.",
    ),
    mark(
        "is",
        "edited",
        "is:edited",
        EDITED,
        Test::Happened("edited"),
        ("", "edited"),
        "It was changed after it was published.",
    )
    .also(&["updated"]),
    mark(
        "has",
        "enclosure",
        "has:enclosure",
        FEED,
        Test::Named("enclosure"),
        ("with ", "an attachment"),
        "A file comes with it.",
    )
    .also(&["attachment"]),
    mark(
        "has",
        "discussion",
        "has:discussion",
        FEED,
        Test::Named("discussion"),
        ("with ", "a place to discuss it"),
        "It names a page where it is discussed.",
    ),
    mark(
        "is",
        "question",
        "is:question",
        WORLD,
        Test::Type(&["question"]),
        ("of the type ", "question"),
        "Its type is `question`.",
    )
    .also(&["questions"]),
    mark(
        "is",
        "answer",
        "is:answer",
        WORLD,
        Test::Type(&["answer"]),
        ("of the type ", "answer"),
        "Its type is `answer`.",
    )
    .also(&["answers"]),
    mark(
        "is",
        "comment",
        "is:comment",
        WORLD,
        Test::Type(&["comment"]),
        ("of the type ", "comment"),
        "Its type is `comment`.",
    )
    .also(&["comments"]),
    mark(
        "is",
        "post",
        "is:post",
        WORLD,
        Test::Type(&["question", "answer", "post"]),
        ("of the type ", "post"),
        "Its type is `question`, `answer` or `post`.",
    )
    .also(&["posts"]),
    mark(
        "is",
        "tag",
        "is:tag",
        WORLD,
        Test::Type(&["tag"]),
        ("of the type ", "tag"),
        "Its type is `tag`.",
    )
    .also(&["tags"]),
    mark(
        "is",
        "edit",
        "is:edit",
        WORLD,
        Test::Type(&["edit"]),
        ("of the type ", "edit"),
        "Its type is `edit`.",
    )
    .also(&["edits"]),
    mark(
        "is",
        "revision",
        "is:revision",
        WORLD,
        Test::Type(&["revision"]),
        ("of the type ", "revision"),
        "Its type is `revision`.",
    )
    .also(&["revisions"]),
    mark(
        "is",
        "badge",
        "is:badge",
        WORLD,
        Test::Type(&["badge"]),
        ("of the type ", "badge"),
        "Its type is `badge`.",
    )
    .also(&["badges"]),
    mark(
        "is",
        "user",
        "is:user",
        WORLD,
        Test::Type(&["user"]),
        ("of the type ", "user"),
        "Its type is `user`.",
    )
    .also(&["users"]),
    mark(
        "is",
        "answered",
        "is:answered",
        QUESTIONS,
        Test::Some("answers"),
        ("", "answered"),
        "It has an answer or more.",
    ),
    mark(
        "has",
        "answers",
        "has:answers",
        QUESTIONS,
        Test::Some("answers"),
        ("with ", "answers"),
        "The same.",
    )
    .also(&["answer"]),
    mark(
        "has",
        "comments",
        "has:comments",
        POSTS,
        Test::Some("comments"),
        ("with ", "comments"),
        "It has a comment or more.",
    )
    .also(&["comment"]),
    mark(
        "is",
        "accepted",
        "is:accepted",
        ANSWERED,
        Test::Yes("accepted"),
        ("", "accepted"),
        "It is an accepted answer, or a question that has one.",
    ),
    mark(
        "has",
        "accepted",
        "has:accepted",
        ANSWERED,
        Test::Yes("accepted"),
        ("with ", "an accepted answer"),
        "The same.",
    ),
    mark(
        "is",
        "closed",
        "is:closed",
        QUESTIONS,
        Test::Happened("closed"),
        ("", "closed"),
        "It was closed and is not open again.",
    ),
    mark(
        "has",
        "close-votes",
        "has:close-votes",
        QUESTIONS,
        Test::Some("close-votes"),
        ("with ", "close votes"),
        "Somebody has voted to close it.",
    )
    .also(&["close-vote"]),
    mark(
        "has",
        "bounty",
        "has:bounty",
        QUESTIONS,
        Test::Some("bounty"),
        ("with ", "a bounty"),
        "A bounty is offered for an answer.",
    )
    .also(&["bounties"]),
    mark(
        "is",
        "protected",
        "is:protected",
        QUESTIONS,
        Test::Yes("protected"),
        ("", "protected"),
        "Newcomers cannot answer it.",
    ),
    mark(
        "is",
        "locked",
        "is:locked",
        QUESTIONS,
        Test::Yes("locked"),
        ("", "locked"),
        "Nothing can be done with it.",
    ),
    mark(
        "is",
        "wiki",
        "is:wiki",
        ANSWERED,
        Test::Yes("wiki"),
        ("", "community wiki"),
        "It belongs to the community, not to its author.",
    )
    .also(&["community-wiki"]),
    mark(
        "is",
        "approved",
        "is:approved",
        EDITS,
        Test::Happened("approved"),
        ("", "approved"),
        "The edit was approved.",
    ),
    mark(
        "is",
        "rejected",
        "is:rejected",
        EDITS,
        Test::Happened("rejected"),
        ("", "rejected"),
        "The edit was rejected.",
    ),
    mark(
        "is",
        "rollback",
        "is:rollback",
        REVISIONS,
        Test::Yes("rollback"),
        ("that are ", "a rollback"),
        "It brings an older version back.",
    )
    .also(&["rollbacks"]),
    mark(
        "is",
        "required",
        "is:required",
        TAGS,
        Test::Yes("required"),
        ("", "required"),
        "Every question needs one of these tags.",
    ),
    mark(
        "is",
        "moderator-only",
        "is:moderator-only",
        TAGS,
        Test::Yes("moderator-only"),
        ("", "moderator-only"),
        "Moderators alone may set the tag.",
    ),
    mark(
        "has",
        "synonyms",
        "has:synonyms",
        TAGS,
        Test::Yes("synonyms"),
        ("with ", "synonyms"),
        "Other names lead to the tag.",
    )
    .also(&["synonym"]),
    mark(
        "is",
        "burned",
        "is:burned",
        TAGGED,
        Test::Yes("burned"),
        ("", "burned"),
        "The tag, or one of its tags, was removed from the site on purpose; looked up.",
    )
    .also(&["burned-tag", "burninated"]),
];
