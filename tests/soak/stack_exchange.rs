//! All that can go wrong on Stack Exchange.

use boson::model::MessageId;
use chrono::TimeDelta;

use super::house::House;
use super::stack_exchange::Chat;
use super::stack_exchange_chat::{Drop, Fault, How};
use super::{Dice, Tally, Trouble};

/// How long a session lives at least: the client logs in three times an hour at most.
const SESSION: TimeDelta = TimeDelta::minutes(45);

impl Trouble for Chat {
    const IN_ORDER: bool = true;
    const MESSAGES: usize = 20_000;

    fn go_wrong(&self, dice: &mut Dice, tally: &mut Tally) -> &'static str {
        let server = &self.server;

        let post = |how| Fault::new(how).path("/messages/new");
        let read = |how| Fault::new(how).path("/events");
        match dice.below(20) {
            0 | 1 => {
                server.drop_sockets(Drop::Close);
                "socket closed"
            }
            2 | 3 => {
                server.drop_sockets(Drop::Reset);
                "socket reset"
            }
            4 => {
                server.drop_sockets(Drop::Silence);
                "socket silent"
            }
            5..=7 => {
                let seconds = 1 + dice.below(5) as i64;
                server.fail(post(How::Throttled(seconds)).times(1 + dice.below(3)));
                "409"
            }
            8 => {
                server.fail(post(How::Status(500)));
                "500"
            }
            9 => {
                server.fail(post(How::Status(502)).after());
                "502 after it was said"
            }
            10 => {
                server.fail(post(How::Reset).after());
                "reset after it was said"
            }
            11 => {
                server.fail(post(How::HangUp));
                "hung up"
            }
            12 => {
                server.fail(post(How::Cut).after());
                "cut answer"
            }
            13 => {
                server.fail(read(How::Status(500)).times(2));
                "history 500"
            }
            14 => {
                server.fail(read(How::Page));
                "history a page"
            }
            15 => {
                server.fail(Fault::new(How::Status(502)).path("/ws-auth"));
                "no address for a socket"
            }
            16 | 17 if self.time().clock.now() - tally.died > SESSION => {
                tally.died = self.time().clock.now();
                server.expire("boson@example.org");
                match dice.one_in(2) {
                    true => "session dead",
                    false => {
                        server.faults(|faults| faults.captchas += 1);
                        "session dead, then a captcha"
                    }
                }
            }
            18 => {
                server.faults(|faults| faults.frames.reset += 1);
                server.drop_sockets(Drop::Close);
                "socket reset by a frame"
            }
            _ => {
                server.faults(|faults| faults.frames.twice = !faults.frames.twice);
                "frames twice, or once again"
            }
        }
    }

    fn delete(&self, _: usize, message: &MessageId) {
        self.server.delete(message.0.parse().unwrap());
    }
}
