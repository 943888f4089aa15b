//! The config file: what is understood, and every mistake with its place and its hint.

use std::path::Path;
use std::time::Duration;

use boson::config::{
    self, Config, DEFAULTS, Format, PlatformSection, SlackWay, TerminalSection, check, load,
};
use boson::model::RoomId;
use boson::when::Order;
use proptest::prelude::*;

/// The config that a file with this text gives.
fn read(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    load(Some(&path)).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// The mistakes of a text as people read them.
fn mistakes(text: &str) -> Vec<String> {
    check(text, "config.toml")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_defaults_are_right() {
    assert_eq!(mistakes(DEFAULTS), [""; 0]);
    let config = read("");
    assert_eq!(config.name, "boson");
    assert_eq!(config.log.format, Format::Human);
    assert_eq!(config.http.timeout, Duration::from_secs(30));
    assert_eq!((config.http.largest_mib, config.http.per_host), (10, 2));
    assert!(!config.http.allow_private);
    assert_eq!(config.times.zone, chrono_tz::UTC);
    assert_eq!(config.trackers.least_every, Duration::from_secs(60));
    assert_eq!(config.trackers.per_room, 10_000);
    assert_eq!(
        (config.pace.commands, config.pace.within),
        (20, Duration::from_secs(10))
    );
    assert_eq!(config.recipes, None);
    let terminal = terminal(&config, "terminal");
    assert_eq!((terminal.room.as_str(), terminal.direct), ("home", true));
    assert!(config.room.is_empty());
}

#[test]
fn what_is_set_is_laid_over_the_defaults() {
    let config = read(
        r#"
        name = "higgs"
        recipes = "mine"
        http.per_host = 1_0
        [times]
        zone = "europe/zurich"
        [platform.tty]
        room = "here"
        [room."tty/here"]
        prefix = "!"
        zone = "America/New_York"
        order = "month-day"
        owners = ["ann"]
        "#,
    );
    assert_eq!(config.name, "higgs");
    assert!(config.recipes.as_ref().unwrap().ends_with("mine"));
    assert_eq!((config.http.per_host, config.http.largest_mib), (10, 10));
    let places: Vec<&String> = config.platform.keys().collect();
    assert_eq!(
        places,
        ["tty"],
        "the default platform is gone when there is another"
    );
    assert!(terminal(&config, "tty").direct);
}

fn terminal<'c>(config: &'c Config, name: &str) -> &'c TerminalSection {
    match &config.platform[name] {
        PlatformSection::Terminal(section) => section,
        other => panic!("no terminal: {other:?}"),
    }
}

#[test]
fn a_chat_of_stack_exchange_is_known_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password"), "secret words\n").unwrap();
    let path = folder.path().join("config.toml");
    let text = r#"
        [platform.terminal]
        kind = "terminal"
        [platform."chat.stackoverflow.com"]
        kind = "stack-exchange-chat"
        email = "boson@example.org"
        password = { file = "password" }
        rooms = [1, 17]
        [platform.here]
        kind = "stack-exchange-chat"
        url = "http://127.0.0.1:9002/"
        cookies = { file = "password" }
        invitations = true
        [room."chat.stackoverflow.com/17"]
        prefix = "!"
    "#;
    std::fs::write(&path, text).unwrap();
    let config = boson::config::load(Some(&path)).unwrap();
    let section = |name: &str| match &config.platform[name] {
        PlatformSection::StackExchangeChat(section) => section.clone(),
        other => panic!("no chat: {other:?}"),
    };
    let known = section("chat.stackoverflow.com");
    assert_eq!(known.url, "https://chat.stackoverflow.com");
    assert_eq!(known.login, "https://stackoverflow.com");
    assert_eq!(known.rooms, [1, 17]);
    assert_eq!(known.password.unwrap().expose(), "secret words");
    assert!(!known.invitations);
    let own = section("here");
    assert_eq!(own.url, "http://127.0.0.1:9002");
    assert_eq!(own.login, own.url);
    assert!(own.invitations && own.rooms.is_empty());
    assert!(!format!("{config:?}").contains("secret words"));
}

#[test]
fn networks_of_irc_are_read_and_passwords_do_not_leave_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "sesame\n").unwrap();
    let secret = format!("{{ file = {:?} }}", secret.to_str().unwrap());
    let config = read(&format!(
        r##"
        [platform.libera]
        kind = "irc"
        server = "irc.libera.chat"
        password = {secret}
        channels = ["#boson", "#Secret key"]
        [platform.near]
        kind = "irc"
        server = "127.0.0.1"
        tls = false
        server_password = {secret}
        nick = "higgs"
        login = "nickserv"
        password = {secret}
        flood_burst = 10
        flood_every = "1 second"
        flood_off = true
        "##
    ));
    let section = |name: &str| match &config.platform[name] {
        PlatformSection::Irc(section) => section.clone(),
        other => panic!("{other:?}"),
    };
    let libera = section("libera");
    assert_eq!(
        (libera.port, libera.tls, libera.nickserv),
        (6697, true, false)
    );
    assert_eq!(libera.password.unwrap().expose(), "sesame");
    let names: Vec<_> = libera
        .channels
        .iter()
        .map(|channel| (channel.name.as_str(), channel.key.as_deref()))
        .collect();
    assert_eq!(names, [("#boson", None), ("#Secret", Some("key"))]);
    assert_eq!(
        (libera.flood.burst, libera.flood.every, libera.flood.off),
        (5, Duration::from_secs(2), false)
    );
    let near = section("near");
    assert_eq!(
        (near.port, near.nick.as_deref(), near.nickserv),
        (6667, Some("higgs"), true)
    );
    assert_eq!(
        (near.flood.burst, near.flood.every, near.flood.off),
        (10, Duration::from_secs(1), true)
    );
    let wrong = |section: &str| {
        mistakes(&format!("[platform.net]\nkind = \"irc\"\n{section}\n")).join("\n")
    };
    let server = "server = \"irc.example.org\"";
    for (section, says) in [
        (String::new(), "[platform.net] has no `server`"),
        (
            "server = \"irc.example.org:6697\"".into(),
            "is no name of a server",
        ),
        ("server = \"irc://x\"".into(), "is no name of a server"),
        (
            format!("{server}\ntls = false\npassword = {secret}"),
            "`password` in [platform.net] would be sent in clear",
        ),
        (
            format!("{server}\ntls = false\nserver_password = {secret}"),
            "would be sent in clear",
        ),
        (
            format!("{server}\ntls = false\nca = \"x.pem\""),
            "`ca` in [platform.net] is of no use without TLS",
        ),
        (
            format!("{server}\naccount = \"x\""),
            "`account` in [platform.net] is of no use without `password`",
        ),
        (
            format!("{server}\ntls = false\ncertificate = \"x.crt\""),
            "`certificate` in [platform.net] is of no use without TLS",
        ),
        (
            format!("{server}\nkey = \"x.key\""),
            "`key` in [platform.net] is of no use without `certificate`",
        ),
        (
            format!("{server}\ncertificate = \"x.crt\"\npassword = {secret}"),
            "`certificate` and `password` in [platform.net] are two ways to log in",
        ),
        (
            format!("{server}\nchannels = [\"boson\"]"),
            "has something else than channels in it",
        ),
        (
            format!("{server}\nchannels = [\"#a b c\"]"),
            "has something else than channels in it",
        ),
        (format!("{server}\nnick = \"a b\""), "is not one word"),
        (format!("{server}\nflood_burst = 0"), "flood_burst"),
        (format!("{server}\nport = 70000"), "port"),
    ] {
        let said = wrong(&section);
        assert!(said.contains(says), "{section}: {said}");
    }
}

#[test]
fn workspaces_of_slack_have_tokens_or_an_address() {
    let folder = tempfile::tempdir().unwrap();
    for (file, token) in [("bot", "xoxb-1"), ("app", "xapp-1"), ("sign", "0123")] {
        std::fs::write(folder.path().join(file), token).unwrap();
    }
    let path = folder.path().join("config.toml");
    let text = r#"
        [platform.slack]
        kind = "slack"
        bot_token = { file = "bot" }
        app_token = { file = "app" }
        rooms = ["general", "C0123"]
        [platform.guild]
        kind = "slack"
        url = "http://127.0.0.1:9003/api/"
        bot_token = { file = "bot" }
        signing_secret = { file = "sign" }
        listen = "127.0.0.1:8085"
        private_mistakes = true
        [room."slack/C0123"]
        prefix = "!"
    "#;
    std::fs::write(&path, text).unwrap();
    let config = boson::config::load(Some(&path)).unwrap();
    let section = |name: &str| match &config.platform[name] {
        PlatformSection::Slack(section) => section.clone(),
        other => panic!("no workspace: {other:?}"),
    };
    let fetches = section("slack");
    assert_eq!(fetches.url, "https://slack.com/api");
    assert_eq!(fetches.rooms, ["general", "C0123"]);
    assert!(!fetches.private_mistakes);
    match fetches.way {
        SlackWay::Socket { app_token } => assert_eq!(app_token.unwrap().expose(), "xapp-1"),
        other => panic!("it does not fetch: {other:?}"),
    }
    let posts = section("guild");
    assert_eq!(posts.url, "http://127.0.0.1:9003/api");
    assert!(posts.private_mistakes);
    match posts.way {
        SlackWay::Http {
            signing_secret,
            listen,
        } => {
            assert_eq!(signing_secret.unwrap().expose(), "0123");
            assert_eq!(listen, "127.0.0.1:8085".parse().unwrap());
        }
        other => panic!("it does not take posts: {other:?}"),
    }
    assert!(!format!("{config:?}").contains("xoxb"));

    let mistakes = |section: &str| {
        let text = format!("[platform.slack]\nkind = \"slack\"\n{section}\n");
        std::fs::write(&path, text).unwrap();
        let mistakes = boson::config::load(Some(&path)).unwrap_err();
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        mistakes.join("\n")
    };
    let bot = "bot_token = { file = \"bot\" }";
    let app = "app_token = { file = \"app\" }";
    for (section, words) in [
        (app.to_string(), "has no `bot_token`"),
        (bot.into(), "does not say how Slack is heard"),
        (
            "bot_token = { file = \"app\" }\napp_token = { file = \"bot\" }".into(),
            "`bot_token` in [platform.slack] does not begin with xoxb-",
        ),
        (
            "bot_token = \"xoxb-1\"".into(),
            "is a secret and must not stand in this file",
        ),
        (
            format!("{bot}\n{app}\nlisten = \"8085\""),
            "is no address with a port",
        ),
        (
            format!("{bot}\n{app}\nsigning_secret = {{ file = \"sign\" }}"),
            "is of no use",
        ),
        (
            format!("{bot}\n{app}\nurl = \"http://slack.example.org\""),
            "would send a token in clear",
        ),
        (
            format!("{bot}\n{app}\n[platform.two]\nkind = \"slack\"\n{bot}\n{app}"),
            "is that of another section",
        ),
    ] {
        let said = mistakes(&section);
        assert!(said.contains(words), "{section}\n{said}");
    }
}

#[test]
fn a_room_says_its_zone_or_the_whole_says_it() {
    let config =
        read("[times]\nzone = \"Asia/Tokyo\"\n[room.\"terminal/home\"]\norder = \"month-day\"\n");
    let (here, elsewhere) = (
        RoomId::new("terminal", "home"),
        RoomId::new("terminal", "other"),
    );
    assert_eq!(config.zone_of(&here), chrono_tz::Asia::Tokyo);
    assert_eq!(config.order_of(&here), Order::MonthDay);
    assert_eq!(config.order_of(&elsewhere), Order::DayMonth);
}

#[test]
fn who_raises_the_least_time_raises_the_usual_one() {
    let config = read("[trackers]\nleast_every = \"1 hour\"");
    assert_eq!(config.trackers.every, Duration::from_secs(3600));
}

#[test]
fn paths_begin_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "store = \"kept\"").unwrap();
    assert_eq!(
        load(Some(&path)).unwrap().folder,
        folder.path().join("kept")
    );
    std::fs::write(&path, "store = \"/var/lib/boson\"").unwrap();
    assert_eq!(
        load(Some(&path)).unwrap().folder,
        Path::new("/var/lib/boson")
    );
}

#[test]
fn a_mistake_has_a_place_and_a_hint() {
    let cases: &[(&str, &str)] = &[
        (
            "name = \"boson\"\n\n[http]\n  alow_private = true\n",
            "config.toml:4:3: there is no setting `alow_private` in [http]\n  hint: did you mean `allow_private`?",
        ),
        (
            "[htpp]\ntimeout = \"1 second\"\n",
            "config.toml:1:2: there is no section [htpp]\n  hint: did you mean `http`?",
        ),
        (
            "allow_private = true",
            "config.toml:1:1: there is no setting `allow_private` before the first section\n  \
             hint: `allow_private` belongs in [http]",
        ),
        (
            "[http]\nname = \"x\"",
            "config.toml:2:1: there is no setting `name` in [http]\n  hint: `name` stands before the first section",
        ),
        (
            "[http]\ntimeout = 30",
            "config.toml:2:11: `timeout` in [http] must be a length of time in quotes, not a whole number\n  \
             hint: for instance \"10 minutes\"",
        ),
        (
            "[http]\ntimeout = \"3 days\"",
            "config.toml:2:11: `timeout` in [http] is not between 1 second and 10 minutes",
        ),
        (
            "[log]\nlevel = \"wran\"",
            "config.toml:2:9: `level` in [log] is no value it can have: \"wran\"\n  hint: did you mean \"warn\"?",
        ),
        (
            "[log]\nformat = \"xml\"",
            "config.toml:2:10: `format` in [log] is no value it can have: \"xml\"\n  \
             hint: it can be \"human\", \"json\"",
        ),
        (
            "[http]\nper_host = 0",
            "config.toml:2:12: `per_host` in [http] is not between 1 and 100",
        ),
        (
            "[http]\nper_host = -99999999999999999999",
            "config.toml:2:12: `per_host` in [http] is not between 1 and 100",
        ),
        (
            "http = 5",
            "config.toml:1:1: [http] must be a section, not a whole number\n  \
             hint: write [http] and its settings below it",
        ),
        (
            "name = \"b\"",
            "config.toml:1:8: `name` is not 3 to 40 letters, digits, `-` and `_`\n  hint: for instance \"boson\"",
        ),
        (
            "[trackers]\nevery = \"10 seconds\"",
            "config.toml:2:9: `every` in [trackers] is shorter than `least_every`\n  \
             hint: make `every` longer or `least_every` shorter",
        ),
        (
            "[platform.irc]\nkind = \"terminel\"",
            "config.toml:2:8: `kind` in [platform.irc] is no kind of platform: \"terminel\"\n  \
             hint: did you mean \"terminal\"?",
        ),
        (
            "[platform.a]\n[platform.b]",
            "config.toml:2:11: [platform.b] is the second of kind \"terminal\"\n  \
             hint: there can be only one: take one of them away",
        ),
        (
            "[platform.\"chat.stackoverflow.com\"]\nkind = \"stack-exchange-chat\"\nemail = \"a@b.c\"",
            "config.toml:1:11: [platform.\"chat.stackoverflow.com\"] does not say how to log in\n  \
             hint: write `email` and `password`, or `cookies`, below it",
        ),
        (
            "[platform.so]\nkind = \"stack-exchange-chat\"\ncookies = { env = \"PATH\" }",
            "config.toml:1:11: [platform.so] is called by none of the chats of Stack Exchange, and has no `url`\n  \
             hint: there are `chat.stackexchange.com`, `chat.stackoverflow.com` and `chat.meta.stackexchange.com`",
        ),
        (
            "[platform.\"chat.stackoverflow.com\"]\nkind = \"stack-exchange-chat\"\ncookies = { env = \"PATH\" }\nrooms = 17",
            "config.toml:4:9: `rooms` in [platform.\"chat.stackoverflow.com\"] is no list of numbers\n  \
             hint: for instance [1, 54445]",
        ),
        (
            "[platform.so]\nkind = \"stack-exchange-chat\"\ncookies = { env = \"PATH\" }\nurl = \"http://chat.example.org\"",
            "config.toml:4:7: `url` in [platform.so] would send a password in clear\n  \
             hint: it begins with https:// unless it is on this machine or in a private network",
        ),
        (
            "[room.\"terminl/home\"]\nprefix = \"!\"",
            "config.toml:1:7: [room.\"terminl/home\"] is in no platform of this file\n  \
             hint: did you mean [room.\"terminal/home\"]?",
        ),
        (
            "[room.home]",
            "config.toml:1:7: [room.home] does not say platform and room\n  hint: for instance [room.\"terminal/home\"]",
        ),
        (
            "[room.\"terminal/home\"]\nowners = \"ann\"",
            "config.toml:2:10: `owners` in [room.\"terminal/home\"] must be a list of texts, not a text\n  \
             hint: for instance [\"ann\", \"bob\"]",
        ),
        (
            "name = \"boson\"\nname = \"higgs\"",
            "config.toml:2:1: `name` stands here for the second time\n  hint: keep one of them",
        ),
        (
            "[http]\nallow_private = yes",
            "config.toml:2:17: a text must stand in quotes\n  hint: for instance name = \"boson\"",
        ),
        ("name = ", "config.toml:1:8: there is no value here"),
        (
            "[http\nper_host = 1\nname = 5",
            "config.toml:1:6: this is no TOML: unclosed table, expected `]`",
        ),
        (
            "# ünïcödé\n[\"ü\".b]\nx = 1",
            "config.toml:2:2: there is no section [ü]",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(mistakes(text), [*wanted], "in {text:?}");
    }
}

#[test]
fn a_zone_that_does_not_exist_has_a_hint() {
    let [mistake] = check("[times]\nzone = \"Europe/Zürich\"", "config.toml")
        .try_into()
        .unwrap();
    assert_eq!((mistake.line, mistake.column), (2, 8));
    assert!(mistake.hint.unwrap().contains("Europe/Zurich"));
}

#[test]
fn all_mistakes_are_said_at_once_in_the_order_of_the_lines() {
    let text =
        "nam = \"x\"\nstore = 5\n[http]\nper_host = \"two\"\ntimeuot = 1\n[pace]\ncommands = 0\n";
    let lines: Vec<usize> = check(text, "config.toml")
        .iter()
        .map(|mistake| mistake.line)
        .collect();
    assert_eq!(lines, [1, 2, 4, 5, 7]);
    let many: String = (0..5000).map(|n| format!("unknown{n} = 1\n")).collect();
    assert_eq!(check(&many, "config.toml").len(), 100);
}

#[test]
fn secrets_come_from_a_file_and_are_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pass"), "s3cret\n").unwrap();
    let path = folder.path().join("config.toml");
    let login = |password: &str| {
        format!("[http.login.\"Feeds.Example.org\"]\nuser = \"ann\"\npassword = {password}\n")
    };
    std::fs::write(&path, login("{ file = \"pass\" }")).unwrap();
    let config = load(Some(&path)).unwrap();
    let found = &config.http.login["feeds.example.org"];
    assert_eq!(
        (found.user.as_str(), found.password.expose()),
        ("ann", "s3cret")
    );
    assert!(!format!("{config:?}").contains("s3cret"));

    let wrong = |password: &str| mistakes(&login(password)).remove(0);
    assert_eq!(
        wrong("{ env = \"BOSON_TEST_NOT_SET\" }"),
        "config.toml:3:12: `password` in [http.login.\"Feeds.Example.org\"] is missing: \
         the environment has no `BOSON_TEST_NOT_SET`\n  hint: start with BOSON_TEST_NOT_SET=… set"
    );
    assert!(wrong("{ file = \"not-there\" }").contains("is missing: "));
    assert!(
        wrong("{ file = \"/dev/zero\" }").contains("no file"),
        "what never ends is not read"
    );
    assert!(wrong("{}").contains("must say either"));
    assert!(wrong("{ env = \"A\", file = \"b\" }").contains("must say either"));
    assert!(wrong("{ enw = \"A\" }").contains("must say either"));
    let plain = wrong("\"s3cret\"");
    assert!(
        plain.contains("must not stand in this file") && !plain.contains("s3cret"),
        "{plain}"
    );
    assert!(!wrong("s3cret").contains("s3cret"));
    let missing = mistakes("[http.login.\"a.example\"]\n");
    assert_eq!(missing.len(), 2, "{missing:?}");
}

#[test]
fn a_variable_of_the_environment_is_a_secret() {
    // Every machine that runs tests has a search path.
    let text = "[http.login.\"a.example\"]\nuser = \"ann\"\npassword = { env = \"PATH\" }\n";
    assert_eq!(mistakes(text), [""; 0]);
}

#[test]
fn a_file_that_cannot_be_read_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let missing = load(Some(&folder.path().join("no.toml"))).unwrap_err();
    assert!(
        missing[0]
            .to_string()
            .ends_with("no.toml: there is no such file")
    );
    assert!(
        load(Some(folder.path())).unwrap_err()[0]
            .what
            .contains("cannot be read")
    );
    let path = folder.path().join("latin.toml");
    std::fs::write(&path, b"# one\nname = \"\xfc\"").unwrap();
    let latin = load(Some(&path)).unwrap_err();
    assert_eq!((latin[0].line, latin[0].column), (2, 9));
    std::fs::write(&path, "#".repeat(2_000_000)).unwrap();
    assert!(load(Some(&path)).unwrap_err()[0].what.contains("larger"));
}

#[test]
fn the_manual_shows_every_setting() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/config.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- settings -->").unwrap();
    let (_, after) = rest.split_once("<!-- /settings -->").unwrap();
    let current = format!(
        "{before}<!-- settings -->\n{}\n<!-- /settings -->{after}",
        config::table()
    );
    if blessed() {
        std::fs::write(&path, current).unwrap();
    } else {
        assert_eq!(
            page, current,
            "man/config.md is stale: BLESS=1 cargo test rewrites it"
        );
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says so in the environment"
)]
fn blessed() -> bool {
    std::env::var("BLESS").is_ok()
}

/// A file made of pieces that mean something.
fn any_file() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[http]".to_string()),
        Just("[[platform]]".to_string()),
        Just("[room.\"terminal/home\"]".to_string()),
        Just("[http.login.x]".to_string()),
        Just("password = { env = \"A=\\u0000\" }".to_string()),
        Just("name = \"".to_string()),
        Just("platform = { a = { kind = 1 } }".to_string()),
        Just("=".to_string()),
        "[a-z_]{1,12} = (true|[0-9]{1,30}|\"[a-zé ]{0,9}\"|\\[1, \"a\"|\\{ a = 1 \\}|1979-05-27|-?[0-9.e]{1,9})",
        "(zone|order|timeout|every|kind|level) = \"[ -~é]{0,20}\"",
        "\\PC{0,20}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_much(text in any_file()) {
        for mistake in check(&text, "config.toml") {
            prop_assert!(mistake.line >= 1 && mistake.column >= 1);
            prop_assert!(mistake.line <= text.matches('\n').count() + 1);
        }
    }

    #[test]
    fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes), "config.toml");
    }
}
