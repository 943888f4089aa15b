//! The program: reads the command line and the config, hands each part its section, starts, stops.
fn main() {}
