//! The manual: Markdown in, texts for rooms and real man pages out.

use std::path::Path;

use boson::man::{Page, Piece, parse, usage, with_usage};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command};

const PAGE: &str = "\
# track

Tracks a source and says what is new.

<!-- usage -->
```text
track feed URL [--every WHEN]
```
<!-- /usage -->

Looks at *it* every **ten**
minutes; see [the other page](show.md), [the web](https://example.org/a_b) or <https://example.org>.

## Examples

```chat
<ann> @boson track feed https://example.org/feed
<bot> Tracking example.org.

.dot
```

- one `code --x`
- two
  - nested
1. first
2. second

| word | meaning |
| --- | --- |
| `a` | the first |
| longer | the second |

<!-- only for writers -->
### Further down

It's the *end* \\ of it. -n
";

#[test]
fn a_page_in_a_room() {
    let page = parse(PAGE);
    assert_eq!(page.name, "track");
    assert_eq!(page.summary, "Tracks a source and says what is new.");
    assert_eq!(
        page.text().plain(),
        "\
track: Tracks a source and says what is new.

track feed URL [--every WHEN]

Looks at it every ten minutes; see `man show`, the web https://example.org/a_b or https://example.org.

Examples

<ann> @boson track feed https://example.org/feed
<bot> Tracking example.org.

.dot

- one `code --x`
- two
-   nested
1. first
2. second

word    meaning
a       the first
longer  the second

Further down

It's the end \\ of it. -n"
    );
}

#[test]
fn any_text_is_a_page() {
    for text in [
        "",
        "no heading",
        "# only",
        "- a\n\n  b\n",
        "> quote",
        "<b>x</b>",
        "| a |\n| - |\n",
        "# a\n# b\n",
    ] {
        let page = parse(text);
        page.text();
        page.roff(7, "2026-03-01");
    }
    assert_eq!(
        parse("no heading").body,
        [Piece::Paragraph(vec![boson::model::text::Span::Words(
            "no heading".into()
        )])]
    );
}

#[test]
fn a_man_page() {
    let roff = parse(PAGE).roff(7, "2026-03-01");
    assert_eq!(
        roff,
        "\
.TH \"BOSON-TRACK\" \"7\" \"2026-03-01\" \"Boson\" \"Boson Manual\"
.SH \"NAME\"
boson\\-track \\- Tracks a source and says what is new
.SH \"SYNOPSIS\"
.RS 4
.nf
track feed URL [\\-\\-every WHEN]
.fi
.RE
.SH \"DESCRIPTION\"
Looks at it every \\fBten\\fR minutes; see \\fBman show\\fR, the web
<\\fIhttps://example.org/a_b\\fR> or \\fIhttps://example.org\\fR.
.SH \"EXAMPLES\"
.RS 4
.nf
<ann> @boson track feed https://example.org/feed
<bot> Tracking example.org.

\\&.dot
.fi
.RE
.IP \"\\(bu\" 4
one \\fBcode \\-\\-x\\fR
.IP \"\\(bu\" 4
two
.IP \"    \\(bu\" 8
nested
.IP \"1.\" 4
first
.IP \"2.\" 4
second
.PP
.RS 4
.nf
word    meaning
a       the first
longer  the second
.fi
.RE
.SS \"Further down\"
It's the end \\(rs of it. -n
"
    );
}

/// Where the machine has a judge of man pages it is asked.
#[test]
fn mandoc_finds_nothing_to_complain_about() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.7");
    for page in every_page().into_iter().chain([parse(PAGE)]) {
        std::fs::write(&file, page.roff(7, "2026-03-01")).unwrap();
        let Ok(judge) = std::process::Command::new("mandoc")
            .args(["-Tlint", "-Wwarning"])
            .arg(&file)
            .output()
        else {
            assert!(
                std::env::var_os("CI").is_none(),
                "mandoc must be there; .ci/run installs it"
            );
            return;
        };
        let complaints = String::from_utf8_lossy(&judge.stdout);
        assert!(
            judge.status.success() && complaints.is_empty(),
            "{}: {complaints}",
            page.name
        );
    }
}

fn every_page() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .map(|path| parse(&std::fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn every_page_has_a_name_a_summary_and_a_body() {
    for page in every_page() {
        assert!(!page.name.is_empty());
        assert!(
            page.summary.ends_with('.'),
            "{}: {}",
            page.name,
            page.summary
        );
        assert!(!page.body.is_empty());
    }
}

#[test]
fn the_usage_stands_between_its_marks() {
    let page = "# a\n\nb\n\n<!-- usage -->\nold\n<!-- /usage -->\n\nc\n";
    let new = with_usage(page, "a B [--c]\n");
    assert_eq!(
        new,
        "# a\n\nb\n\n<!-- usage -->\n```text\na B [--c]\n```\n<!-- /usage -->\n\nc\n"
    );
    assert_eq!(with_usage(&new, "a B [--c]"), new, "twice is once");
    assert_eq!(with_usage("no marks", "x"), "no marks");
    assert!(matches!(&parse(&new).body[0], Piece::Usage(usage) if usage == "a B [--c]"));
}

#[test]
fn the_usage_of_a_command() {
    let command = Command::new("feed")
        .bin_name("track feed")
        .arg(
            Arg::new("url")
                .required(true)
                .value_name("URL")
                .help("The feed's address"),
        )
        .arg(Arg::new("word").num_args(0..).help("Further words."))
        .arg(
            Arg::new("every")
                .long("every")
                .value_name("WHEN")
                .default_value("10 minutes")
                .help("How often to look"),
        )
        .arg(
            Arg::new("as")
                .long("as")
                .short('a')
                .value_parser(PossibleValuesParser::new(["line", "one-box"]))
                .help(
                    "What an item looks like, which is a long story that does not fit in one line",
                ),
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Only says what would happen"),
        )
        .arg(Arg::new("tag").long("tag").action(ArgAction::Append))
        .arg(
            Arg::new("quite-a-long-name-for-one")
                .long("quite-a-long-name-for-one")
                .help("Long."),
        )
        .arg(Arg::new("old").long("old").hide(true));
    assert_eq!(
        usage(&command),
        "\
track feed URL [WORD…] [--every WHEN] [--as AS] [--dry-run] [--tag TAG…]
           [--quite-a-long-name-for-one QUITE-A-LONG-NAME-FOR-ONE]

URL           The feed's address.
WORD…         Further words.
--every WHEN  How often to look. Default: 10 minutes.
-a, --as AS   What an item looks like, which is a long story that does
              not fit in one line. One of: line, one-box.
--dry-run     Only says what would happen.
--tag TAG…
--quite-a-long-name-for-one QUITE-A-LONG-NAME-FOR-ONE
              Long."
    );
    let track = Command::new("track")
        .subcommand_required(true)
        .subcommand(command.about("An RSS or Atom feed."));
    assert_eq!(
        usage(&track).lines().nth(2),
        Some("    An RSS or Atom feed.")
    );
}
