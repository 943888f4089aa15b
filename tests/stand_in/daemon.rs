//! A server as Debian has it, which runs for one test.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

/// The server; it ends with this.
pub struct Daemon {
    pub port: u16,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Daemon {
    /// Starts it with these settings, which say its port and a folder of its own, in a file behind the last argument.
    /// None where it is not there; then somebody should bring it, and in CI somebody must.
    pub async fn start(
        name: &str,
        arguments: &[&str],
        settings: impl Fn(u16, &str) -> String,
    ) -> Option<Daemon> {
        let program = ["/usr/sbin", "/usr/bin"];
        let mut program = program
            .map(|folder| Path::new(folder).join(name))
            .into_iter();
        let Some(program) = program.find(|path| path.exists()) else {
            assert!(std::env::var_os("CI").is_none(), "{name} is missing");
            eprintln!("not looked at: there is no {name} here; `apt-get install {name}` brings it");
            return None;
        };
        for _ in 0..20 {
            // Nobody else takes a port that was just free, or hardly ever.
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().to_str().unwrap();
            let config = folder.path().join(format!("{name}.conf"));
            std::fs::write(&config, settings(port, path)).unwrap();
            let child = Command::new(&program)
                .args(arguments)
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut server = Daemon {
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
        panic!("{name} does not start");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
