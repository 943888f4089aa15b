//! The way to a server, on which connections die: they are refused, cut off, or nothing is heard on them any more.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All is well.
    Open,
    /// It is reset at once.
    Refused,
    /// It is reset after so many bytes of the answer.
    Cut(u64),
    /// Nothing comes.
    Silent,
}

/// It is there as long as this is.
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    over: AtomicBool,
    way: Mutex<Way>,
    /// Connections that hear nothing.
    held: Mutex<Vec<TcpStream>>,
    /// The near ends of those that are open, and of many that were.
    open: Mutex<Vec<TcpStream>>,
    died: AtomicU64,
}

impl Wire {
    pub fn to(server: SocketAddr) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            over: AtomicBool::new(false),
            way: Mutex::new(Way::Open),
            held: Mutex::new(Vec::new()),
            open: Mutex::new(Vec::new()),
            died: AtomicU64::new(0),
        });
        let its = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if its.over.load(Ordering::SeqCst) {
                    return;
                }
                let its = its.clone();
                // Whoever is at either end may be gone.
                std::thread::spawn(move || carry(stream, server, &its).ok());
            }
        });
        Wire { address, shared }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this becomes of connections; those that hear nothing end.
    pub fn becomes(&self, way: Way) {
        *self.shared.way.lock().unwrap() = way;
        for held in self.shared.held.lock().unwrap().drain(..) {
            reset(held);
        }
    }

    /// All connections that are open now break off.
    pub fn breaks(&self) {
        for open in self.shared.open.lock().unwrap().drain(..) {
            if open.shutdown(Shutdown::Both).is_ok() {
                self.shared.died.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    /// How many connections died.
    pub fn died(&self) -> u64 {
        self.shared.died.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.becomes(Way::Refused);
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for the next caller.
        TcpStream::connect(self.address).ok();
    }
}

/// Ends a connection as a machine does that has lost power: what was under way is gone.
fn reset(stream: TcpStream) {
    let now = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the descriptor is open as long as the stream lives, and the option is of the size that is given.
    unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const now).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        );
    }
    drop(stream);
}

fn carry(near: TcpStream, server: SocketAddr, shared: &Shared) -> std::io::Result<()> {
    let way = *shared.way.lock().unwrap();
    if way != Way::Open {
        shared.died.fetch_add(1, Ordering::SeqCst);
    }
    let most = match way {
        Way::Open => u64::MAX,
        Way::Cut(bytes) => bytes,
        Way::Refused => {
            reset(near);
            return Ok(());
        }
        Way::Silent => {
            shared.held.lock().unwrap().push(near);
            return Ok(());
        }
    };
    let far = TcpStream::connect(server)?;
    if way == Way::Open {
        shared.open.lock().unwrap().push(near.try_clone()?);
    }
    let (mut asks, mut hears) = (near.try_clone()?, far.try_clone()?);
    let asked = std::thread::spawn(move || {
        std::io::copy(&mut asks, &mut hears).ok();
        hears.shutdown(Shutdown::Write).ok();
    });
    let mut left = most;
    let mut bytes = [0; 1024];
    let (mut from, mut to) = (&far, &near);
    while left > 0 {
        let wanted = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = from.read(&mut bytes[..wanted])?;
        if read == 0 {
            near.shutdown(Shutdown::Both).ok();
            asked.join().ok();
            return Ok(());
        }
        to.write_all(&bytes[..read])?;
        left -= read as u64;
    }
    far.shutdown(Shutdown::Both).ok();
    near.shutdown(Shutdown::Read).ok();
    reset(near);
    Ok(())
}
