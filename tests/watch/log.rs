//! The log as programs read it: a line of JSON each, with the same fields for the same things, and no secret in it.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::life::{Place, run};

/// Every line of what a Boson logs over this conversation.
fn logged(level: &str, url: &str, input: &str) -> (Vec<Value>, String) {
    let place = Place::new();
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    let config = format!(
        "[log]\nformat = \"json\"\nlevel = \"{level}\"\n\
         [http]\nallow_private = true\n\
         [http.login.\"{host}\"]\nuser = \"boson\"\npassword = {{ env = \"BOSON_TEST_PASSWORD\" }}\n\
         [source.stackexchange]\nkey = {{ env = \"BOSON_TEST_KEY\" }}\n"
    );
    std::fs::write(place.path("config.toml"), config).unwrap();
    let mut command = place.command(&["chat", "--as", "ann", "--linger", "2 seconds"]);
    command.env("BOSON_TEST_PASSWORD", "the-password-of-ann");
    command.env("BOSON_TEST_KEY", "the-key-of-boson");
    let (_, code, log) = run(&mut command, input.as_bytes());
    assert_eq!(code, 0, "{log}");
    let lines = log.lines().map(|line| {
        let line: Result<Value, _> = serde_json::from_str(line);
        line.unwrap_or_else(|error| panic!("{error} in\n{log}"))
    });
    (lines.collect(), log)
}

/// The fields of the lines with this message.
fn of<'v>(lines: &'v [Value], message: &str) -> Vec<&'v Value> {
    let fields = lines.iter().map(|line| &line["fields"]);
    fields
        .filter(|fields| fields["message"] == message)
        .collect()
}

/// A host that gives a feed, and whether it was asked with the password.
fn host() -> String {
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/feed", web.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in web.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let body = "<rss version=\"2.0\"><channel><title>F</title><item><guid>1</guid><title>One</title></item></channel></rss>";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    url
}

#[test]
fn commands_looks_and_messages_have_fields() {
    let url = host();
    let input = format!("echo a-word-of-ann\ntrack feed {url} named one\nunmute\nno such thing\n");
    let (lines, log) = logged("debug", &url, &input);
    let commands: Vec<(String, String)> = of(&lines, "a command")
        .into_iter()
        .map(|fields| {
            assert_eq!(fields["room"], "terminal/home", "{fields}");
            assert_eq!(fields["person"], "ann", "{fields}");
            assert!(
                fields["ms"].as_f64().is_some_and(|ms| ms >= 0.0),
                "{fields}"
            );
            let word = |name: &str| fields[name].as_str().unwrap_or_default().to_string();
            (word("command"), word("outcome"))
        })
        .collect();
    let expected = [
        ("echo", "done"),
        ("track", "done"),
        ("unmute", "refused"),
        ("", "refused"),
    ];
    let expected = expected.map(|(command, outcome)| (command.to_string(), outcome.to_string()));
    assert_eq!(commands, expected, "{log}");
    let looks = of(&lines, "a look");
    assert!(!looks.is_empty(), "{log}");
    for look in looks {
        assert_eq!(
            (&look["outcome"], &look["items"]),
            (&"done".into(), &1.into()),
            "{look}"
        );
        assert!(look["source"].is_string() && look["ms"].is_f64(), "{look}");
    }
    let said = of(&lines, "a message");
    // Four answers and a greeting.
    assert_eq!(said.len(), 5, "{log}");
    for message in said {
        assert_eq!(
            (&message["room"], &message["outcome"]),
            (&"terminal/home".into(), &"said".into())
        );
        assert!(
            message["answer"].is_boolean() && message["ms"].is_f64(),
            "{message}"
        );
    }
}

#[test]
fn changes_are_logged_and_words_are_not() {
    let url = host();
    let input = format!("echo a-word-of-ann\ntrack feed {url}?token=of-ann named one\n");
    let (lines, log) = logged("info", &url, &input);
    let commands = of(&lines, "a command");
    assert_eq!(commands.len(), 1, "what only asks is no news: {log}");
    assert_eq!(commands[0]["command"], "track");
    for word in [
        "a-word-of-ann",
        "token=of-ann",
        "the-password-of-ann",
        "the-key-of-boson",
    ] {
        assert!(!log.contains(word), "{word} in\n{log}");
    }
    let (_, log) = logged("trace", &url, &input);
    for secret in ["the-password-of-ann", "the-key-of-boson"] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
}
