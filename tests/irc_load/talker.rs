//! Somebody with a client who asks for one thing after the other, and minds what comes back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;

/// One person in one channel.
pub struct Talker {
    nick: String,
    channel: String,
    out: mpsc::UnboundedSender<String>,
    talk: Arc<Mutex<Talk>>,
    seen: watch::Receiver<Seen>,
}

/// What was asked, and how long each answer took.
#[derive(Default)]
struct Talk {
    asked: Vec<Instant>,
    answered: Vec<Duration>,
}

/// What they have seen so far.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    welcome: bool,
    /// They are in the channel.
    joined: bool,
    /// The bot is in it.
    bot: bool,
    gone: bool,
    answers: usize,
}

impl Talker {
    /// Goes into a channel; `unanswered` gets a permit for each answer.
    pub async fn join(
        port: u16,
        nick: String,
        channel: String,
        unanswered: Arc<Semaphore>,
    ) -> Talker {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (reader, mut writer) = stream.into_split();
        let (out, mut outs) = mpsc::unbounded_channel::<String>();
        tokio::spawn(async move {
            while let Some(line) = outs.recv().await {
                if writer.write_all(line.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        let talk = Arc::new(Mutex::new(Talk::default()));
        let (sees, seen) = watch::channel(Seen::default());
        let ear = Ear {
            nick: nick.clone(),
            channel: channel.clone(),
            out: out.clone(),
            talk: talk.clone(),
            sees,
            unanswered,
        };
        tokio::spawn(ear.run(reader));
        let talker = Talker {
            nick,
            channel,
            out,
            talk,
            seen,
        };
        let nick = &talker.nick;
        talker.types(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
        talker.sees(|seen| seen.welcome).await;
        talker.types(&format!("JOIN {}", talker.channel));
        talker.sees(|seen| seen.joined).await;
        talker
    }

    /// Asks for the next thing; it counts from then.
    pub fn asks(&self, since: Instant) {
        let mut talk = self.talk.lock().unwrap();
        let (nick, channel, n) = (&self.nick, &self.channel, talk.asked.len());
        talk.asked.push(since);
        self.types(&format!("PRIVMSG {channel} :@boson echo {nick} asks {n}"));
    }

    pub async fn meets_the_bot(&self) {
        self.sees(|seen| seen.bot).await;
    }

    pub async fn has_all_answers(&self) {
        let asked = self.talk.lock().unwrap().asked.len();
        self.sees(|seen| seen.answers >= asked).await;
    }

    pub async fn sees_the_bot_go(&self) {
        self.sees(|seen| seen.gone).await;
    }

    /// How long each answer took.
    pub fn answered(&self) -> Vec<Duration> {
        self.talk.lock().unwrap().answered.clone()
    }

    fn types(&self, line: &str) {
        self.out.send(format!("{line}\r\n")).unwrap();
    }

    async fn sees(&self, is: impl Fn(&Seen) -> bool) {
        let mut seen = self.seen.clone();
        let came = seen.wait_for(|seen| is(seen)).await;
        came.unwrap_or_else(|_| panic!("{} sees nothing any more", self.nick));
    }
}

/// What reads for them.
struct Ear {
    nick: String,
    channel: String,
    out: mpsc::UnboundedSender<String>,
    talk: Arc<Mutex<Talk>>,
    sees: watch::Sender<Seen>,
    unanswered: Arc<Semaphore>,
}

impl Ear {
    async fn run(self, reader: OwnedReadHalf) {
        let mut reader = BufReader::new(reader);
        let mut line = String::new();
        while let Ok(1..) = reader.read_line(&mut line).await {
            self.takes(line.trim_end());
            line.clear();
            // The server lets a line wait until the one before it is confirmed, which else takes 40 ms; it lasts for one.
            let _ = reader.get_ref().as_ref().set_quickack(true);
        }
    }

    fn takes(&self, line: &str) {
        if let Some(word) = line.strip_prefix("PING ") {
            // The writer ends with the test.
            let _ = self.out.send(format!("PONG {word}\r\n"));
            return;
        }
        let Some((source, rest)) = line.strip_prefix(':').and_then(|line| line.split_once(' '))
        else {
            return;
        };
        let nick = source.split('!').next().unwrap_or_default();
        let (command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        match (command, nick) {
            ("422" | "376", _) => self.sees.send_modify(|seen| seen.welcome = true),
            ("JOIN", "boson") => self.sees.send_modify(|seen| seen.bot = true),
            ("JOIN", nick) if nick == self.nick => {
                self.sees.send_modify(|seen| seen.joined = true);
            }
            ("QUIT", "boson") => self.sees.send_modify(|seen| seen.gone = true),
            ("PRIVMSG", "boson") => self.hears(rest),
            _ => {}
        }
    }

    /// The bot says something in the channel.
    fn hears(&self, rest: &str) {
        let its = format!("{} :{}: ", self.channel, self.nick);
        let Some(text) = rest.strip_prefix(&its) else {
            return;
        };
        let mut talk = self.talk.lock().unwrap();
        let n = talk.answered.len();
        assert_eq!(text, format!("{} asks {n}", self.nick), "the next answer");
        let asked = talk.asked.get(n).expect("nothing is answered unasked");
        let took = asked.elapsed();
        talk.answered.push(took);
        drop(talk);
        self.unanswered.add_permits(1);
        self.sees.send_modify(|seen| seen.answers += 1);
    }
}
