//! A real server of IRC that can be told to mind no flood, as Debian has it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

/// The server; it ends with this.
pub struct Inspircd {
    pub port: u16,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Inspircd {
    /// None where it is not there; then somebody should bring it, and in CI somebody must.
    pub async fn start() -> Option<Inspircd> {
        let program = ["/usr/sbin/inspircd", "/usr/bin/inspircd"];
        let program = program
            .into_iter()
            .find(|path| std::path::Path::new(path).exists());
        let Some(program) = program else {
            assert!(std::env::var_os("CI").is_none(), "inspircd is missing");
            eprintln!(
                "not looked at: there is no inspircd here; `apt-get install inspircd` brings it"
            );
            return None;
        };
        for _ in 0..20 {
            // Nobody else takes a port that was just free, or hardly ever.
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().to_str().unwrap();
            let config = folder.path().join("inspircd.conf");
            std::fs::write(&config, settings(port, path)).unwrap();
            let child = Command::new(program)
                .args(["--nofork", "--nolog", "--runasroot", "--config"])
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut server = Inspircd {
                port,
                child,
                _folder: folder,
            };
            while server.child.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                    return Some(server);
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        panic!("inspircd does not start");
    }
}

/// Nobody is slowed down, and as much may wait for somebody as there is.
fn settings(port: u16, path: &str) -> String {
    let modules = [
        "cap",
        "ircv3",
        "ircv3_batch",
        "ircv3_echomessage",
        "ircv3_labeledresponse",
        "ircv3_msgid",
        "ircv3_servertime",
    ];
    let modules = modules.map(|name| format!("<module name=\"{name}\">\n"));
    format!(
        "<server name=\"irc.example.org\" description=\"test\" network=\"Test\" id=\"001\">\n\
         <admin name=\"nobody\" nick=\"nobody\" email=\"nobody@example.org\">\n\
         <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\">\n\
         <path configdir=\"{path}\" datadir=\"{path}\" logdir=\"{path}\" runtimedir=\"{path}\">\n\
         <connect name=\"all\" allow=\"*\" timeout=\"60\" pingfreq=\"600\" maxchans=\"100\" localmax=\"1000\" \
         globalmax=\"1000\" maxconnwarn=\"no\" resolvehostnames=\"no\" useident=\"no\" threshold=\"1000000\" \
         commandrate=\"1000000000\" fakelag=\"no\" softsendq=\"100M\" hardsendq=\"100M\" recvq=\"100M\">\n{}",
        modules.concat()
    )
}

impl Drop for Inspircd {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
