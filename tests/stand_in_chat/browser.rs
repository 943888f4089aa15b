//! A visitor of the stand-in: a jar of cookies, requests over plain sockets, a web socket.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(its, _)| its == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn cookies(&self) -> Vec<&str> {
        let all = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        all.map(|(_, value)| value.as_str()).collect()
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What stands between two texts.
    pub fn between(&self, start: &str, end: &str) -> &str {
        let (_, rest) = self
            .body
            .split_once(start)
            .unwrap_or_else(|| panic!("no {start} in {}", self.body));
        rest.split_once(end)
            .unwrap_or_else(|| panic!("no {end} in {rest}"))
            .0
    }

    /// The first key of a form on the page.
    pub fn key(&self) -> String {
        let tag = self.between("name=\"fkey\"", ">");
        let (_, value) = tag.split_once("value=\"").unwrap();
        value.split_once('"').unwrap().0.to_string()
    }
}

/// Somebody with cookies and, once logged in, the key of the chat.
#[derive(Clone, Debug)]
pub struct Browser {
    pub url: String,
    /// What stands in the `Host` header.
    pub host: String,
    pub cookies: BTreeMap<String, String>,
    pub fkey: String,
    pub headers: Vec<(String, String)>,
}

impl Browser {
    pub fn new(url: &str) -> Browser {
        Browser {
            url: url.into(),
            host: url.strip_prefix("http://").unwrap().into(),
            cookies: BTreeMap::new(),
            fkey: String::new(),
            headers: Vec::new(),
        }
    }

    /// Logs in and fetches the key of the chat.
    pub async fn logged_in(url: &str, email: &str, password: &str) -> Browser {
        let mut browser = Browser::new(url);
        let page = browser.log_in(email, password).await;
        assert_eq!(page.status, 302, "{page:?}");
        browser.fetch_key().await;
        browser
    }

    pub async fn log_in(&mut self, email: &str, password: &str) -> Page {
        let key = self.get("/users/login").await.key();
        let fields = [("email", email), ("password", password), ("fkey", &key)];
        self.form("/users/login", &fields).await
    }

    pub async fn fetch_key(&mut self) {
        self.fkey = self.get("/chats/join/favorite").await.key();
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.request("GET", path, None).await.expect("an answer")
    }

    /// Sends a form as it is.
    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.try_form(path, fields).await.expect("an answer")
    }

    pub async fn try_form(&mut self, path: &str, fields: &[(&str, &str)]) -> std::io::Result<Page> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let kind = "application/x-www-form-urlencoded; charset=UTF-8";
        self.request("POST", path, Some((kind, &body))).await
    }

    /// Sends a form with the key of the chat.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let key = self.fkey.clone();
        let mut all = vec![("fkey", key.as_str())];
        all.extend(fields);
        self.form(path, &all).await
    }

    /// Posts a message and gives its id.
    pub async fn say(&mut self, room: i64, text: &str) -> i64 {
        let path = format!("/chats/{room}/messages/new");
        let posted = self.post(&path, &[("text", text)]).await.json();
        posted["id"].as_i64().unwrap_or_else(|| panic!("{posted}"))
    }

    /// Joins a room: the latest event and the history.
    pub async fn join(&mut self, room: i64) -> Value {
        let path = format!("/chats/{room}/events");
        let fields = [("since", "0"), ("mode", "Messages"), ("msgCount", "100")];
        self.post(&path, &fields).await.json()
    }

    pub async fn request(
        &mut self,
        method: &str,
        path: &str,
        body: Option<(&str, &str)>,
    ) -> std::io::Result<Page> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.host
        );
        if !self.cookies.is_empty() {
            let all = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            head.push_str(&format!(
                "Cookie: {}\r\n",
                all.collect::<Vec<_>>().join("; ")
            ));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some((kind, body)) = body {
            head.push_str(&format!(
                "Content-Type: {kind}\r\nContent-Length: {}\r\n",
                body.len()
            ));
        }
        let whole = format!("{head}\r\n{}", body.map_or("", |(_, body)| body));
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(whole.as_bytes()).await?;
        let mut raw = Vec::new();
        within(stream.read_to_end(&mut raw)).await?;
        let page = read(&raw)?;
        for cookie in page.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.into(), value.into()),
            };
        }
        Ok(page)
    }

    /// The address of a web socket for a room.
    pub async fn ticket(&mut self, room: i64) -> String {
        let answer = self
            .post("/ws-auth", &[("roomid", &room.to_string())])
            .await;
        answer.json()["url"].as_str().unwrap().to_string()
    }

    /// Opens a web socket for a room.
    pub async fn listen(&mut self, room: i64, l: Option<i64>) -> Ear {
        let url = self.ticket(room).await;
        let url = l.map_or(url.clone(), |l| format!("{url}?l={l}"));
        Ear::open(&url, Some("http://chat.example")).await.unwrap()
    }
}

fn read(raw: &[u8]) -> std::io::Result<Page> {
    let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let end = raw
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or_else(broken)?;
    let head = String::from_utf8_lossy(&raw[..end]);
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_string()))
    });
    let page = Page {
        status: status.ok_or_else(broken)?,
        headers: headers.collect(),
        body: String::from_utf8_lossy(&raw[end + 4..]).into_owned(),
    };
    let length: usize = page.header("content-length").unwrap().parse().unwrap();
    if raw.len() - end - 4 < length {
        return Err(broken());
    }
    Ok(page)
}

/// An open web socket.
pub struct Ear {
    pub socket: WebSocketStream<TcpStream>,
}

impl Ear {
    /// # Errors
    /// When the upgrade is refused.
    pub async fn open(url: &str, origin: Option<&str>) -> Result<Ear, Error> {
        let mut request = url.into_client_request()?;
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", origin.parse().unwrap());
        }
        let address = request.uri().authority().unwrap().to_string();
        let stream = TcpStream::connect(address).await?;
        let (socket, _) = within(tokio_tungstenite::client_async(request, stream)).await?;
        Ok(Ear { socket })
    }

    /// The next frame; none when the socket has ended.
    pub async fn frame(&mut self) -> Option<Value> {
        loop {
            match within(self.socket.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(
                    Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
                ) => {}
            }
        }
    }

    /// The next frame with events of a room, and those.
    pub async fn events(&mut self, room: i64) -> Vec<Value> {
        loop {
            let frame = self.frame().await.expect("the socket is open");
            if let Some(events) = frame[format!("r{room}")]["e"].as_array() {
                return events.clone();
            }
        }
    }

    /// The next event of a kind in a room.
    pub async fn event(&mut self, room: i64, kind: i64) -> Value {
        loop {
            let events = self.events(room).await;
            let found = events.into_iter().find(|event| event["event_type"] == kind);
            if let Some(event) = found {
                return event;
            }
        }
    }

    pub async fn close(mut self) {
        self.socket.close(None).await.ok();
        while self.frame().await.is_some() {}
    }

    pub async fn ping(&mut self) {
        self.socket.send(Message::Ping("x".into())).await.unwrap();
    }
}

/// Waits in real time, so that what never happens is a failure with a name.
pub async fn within<T>(happens: impl Future<Output = T>) -> T {
    let limit = tokio::time::timeout(Duration::from_secs(60), happens).await;
    limit.expect("nothing came for a minute")
}
