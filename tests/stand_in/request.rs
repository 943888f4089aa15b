//! A request of HTTP/1.1 as a stand-in reads it.

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// One request, whole.
pub struct Request {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Names in lower case, values without space around them.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The next one of a connection; none when the other side has gone.
    ///
    /// # Errors
    /// When the connection breaks in the middle of a body.
    pub async fn read(
        stream: &mut (impl AsyncBufRead + Unpin),
    ) -> std::io::Result<Option<Request>> {
        let mut first = String::new();
        if stream.read_line(&mut first).await? == 0 {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let line = line.trim();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_string()));
            }
        }
        let mut words = first.split_whitespace();
        let mut request = Request {
            method: words.next().unwrap_or("GET").to_string(),
            target: words.next().unwrap_or("/").to_string(),
            headers,
            body: Vec::new(),
        };
        let length = request.header("content-length").unwrap_or("0");
        request.body = vec![0; length.parse().unwrap_or(0)];
        stream.read_exact(&mut request.body).await?;
        Ok(Some(request))
    }

    /// The first header of that name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        let found = all.find(|(its, _)| its == name);
        found.map(|(_, value)| value.as_str())
    }
}
