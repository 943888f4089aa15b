//! A real server of IRC, as Debian has it, and people who talk through it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::daemon::Daemon;

/// For how long, in real time, something may not happen before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// None where it is not there.
pub async fn start() -> Option<Daemon> {
    Daemon::start("ngircd", &["--nodaemon", "--config"], |port, _| {
        settings(port)
    })
    .await
}

/// As many may come as there are, and nobody is slowed down.
fn settings(port: u16) -> String {
    format!(
        "[Global]\nName = irc.example.org\nInfo = test\nListen = 127.0.0.1\nPorts = {port}\nMotdPhrase = hello\n\
         AdminInfo1 = nobody\n[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxJoins = 0\nMaxPenaltyTime = 0\n\
         MaxNickLength = 20\n[Options]\nDNS = no\nIdent = no\nPAM = no\n"
    )
}

/// Somebody with a client.
pub struct Person {
    nick: String,
    out: mpsc::UnboundedSender<String>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    /// Who is in which channel.
    present: HashSet<(String, String)>,
    /// What was said in each channel, and by whom.
    said: HashMap<String, Vec<(String, String)>>,
    pongs: u64,
}

impl Person {
    pub async fn connect(port: u16, nick: &str) -> Person {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (reader, mut writer) = stream.into_split();
        let (out, mut outs) = mpsc::unbounded_channel::<String>();
        tokio::spawn(async move {
            while let Some(line) = outs.recv().await {
                if writer
                    .write_all(format!("{line}\r\n").as_bytes())
                    .await
                    .is_err()
                {
                    return;
                }
            }
        });
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (sees, answers) = (seen.clone(), out.clone());
        tokio::spawn(async move {
            let mut lines = BufReader::new(reader).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(word) = line.strip_prefix("PING ") {
                    let _ = answers.send(format!("PONG {word}"));
                }
                sees.lock().unwrap().take(line);
            }
        });
        let person = Person {
            nick: nick.into(),
            out,
            seen,
        };
        person.send(&format!("NICK {nick}"));
        person.send(&format!("USER {nick} 0 * :{nick}"));
        person
            .sees(|line| line.contains(" 376 ") || line.contains(" 422 "))
            .await;
        person
    }

    pub fn send(&self, line: &str) {
        self.out.send(line.into()).unwrap();
    }

    /// What sends in their name.
    pub fn out(&self) -> impl Fn(String) + Send + 'static {
        let out = self.out.clone();
        move |line| out.send(line).unwrap()
    }

    /// Waits until a line came that is as it should be.
    pub async fn sees(&self, is: impl Fn(&str) -> bool) {
        let waits = async {
            while !self.seen.lock().unwrap().lines.iter().any(|line| is(line)) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waits = tokio::time::timeout(PATIENCE, waits).await;
        assert!(
            waits.is_ok(),
            "{}: {:#?}",
            self.nick,
            self.seen.lock().unwrap().lines
        );
    }

    /// Waits until the server has taken what they have sent.
    pub async fn is_heard(&self) {
        let before = self.seen.lock().unwrap().pongs;
        self.send("PING heard");
        let waits = async {
            while self.seen.lock().unwrap().pongs == before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        assert!(
            tokio::time::timeout(PATIENCE, waits).await.is_ok(),
            "the server answers"
        );
    }

    pub fn is_in(&self, nick: &str, channel: &str) -> bool {
        let who = (nick.to_string(), channel.to_string());
        self.seen.lock().unwrap().present.contains(&who)
    }

    /// What nicks that begin like this have said in a channel.
    pub fn said(&self, channel: &str, begins: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let said = seen.said.get(channel).into_iter().flatten();
        let theirs = said.filter(|(nick, _)| nick.starts_with(begins));
        theirs.map(|(_, text)| text.clone()).collect()
    }
}

impl Seen {
    fn take(&mut self, line: String) {
        let (source, rest) = line
            .strip_prefix(':')
            .and_then(|line| line.split_once(' '))
            .unwrap_or(("", &line));
        let nick = source.split('!').next().unwrap_or_default().to_string();
        let (command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (first, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        let first = first.trim_start_matches(':').to_string();
        let text = behind.strip_prefix(':').unwrap_or(behind).to_string();
        match command {
            "JOIN" => _ = self.present.insert((nick, first)),
            "PART" => _ = self.present.remove(&(nick, first)),
            "QUIT" => self.present.retain(|(who, _)| *who != nick),
            "KICK" => {
                let who = text.split(' ').next().unwrap_or_default().to_string();
                self.present.remove(&(who, first));
            }
            "NICK" => {
                let before: Vec<_> = self
                    .present
                    .iter()
                    .filter(|(who, _)| *who == nick)
                    .cloned()
                    .collect();
                for (who, channel) in before {
                    self.present.remove(&(who, channel.clone()));
                    self.present.insert((first.clone(), channel));
                }
            }
            "PRIVMSG" => self.said.entry(first).or_default().push((nick, text)),
            "PONG" => self.pongs += 1,
            _ => {}
        }
        self.lines.push(line);
    }
}
