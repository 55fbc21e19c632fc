//! A broker that does what a test tells it, packet by packet.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Listens until the test process ends; the threads die with it.
pub struct Fake {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    /// Calls `serve` with each connection and its number, on a thread of its own.
    pub fn start(serve: impl Fn(Peer, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let serve = Arc::new(serve);
        std::thread::spawn({
            let connections = Arc::clone(&connections);
            move || {
                for stream in listener.incoming() {
                    let number = connections.fetch_add(1, Ordering::AcqRel);
                    let serve = Arc::clone(&serve);
                    std::thread::spawn(move || serve(Peer { stream: stream.expect("a stream") }, number));
                }
            }
        });
        Self { port, connections }
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }
}

/// The other side of one connection.
pub struct Peer {
    stream: TcpStream,
}

/// One packet: its first byte and its body.
pub struct Packet {
    pub first: u8,
    pub body: Vec<u8>,
}

impl Packet {
    /// SUBSCRIBE and its packet id.
    pub fn subscribe(&self) -> Option<[u8; 2]> {
        (self.first == 0x82).then(|| [self.body[0], self.body[1]])
    }

    /// PUBLISH with QoS 1: its packet id and the rest.
    pub fn publish(&self) -> Option<[u8; 2]> {
        (self.first & 0xf6 == 0x32).then(|| {
            let topic = usize::from(u16::from_be_bytes([self.body[0], self.body[1]]));
            [self.body[2 + topic], self.body[3 + topic]]
        })
    }
}

impl Peer {
    /// The next packet; `None` when the other side has gone.
    pub fn read(&mut self) -> Option<Packet> {
        let mut first = [0];
        self.stream.read_exact(&mut first).ok()?;
        let mut length = 0_usize;
        for shift in [0, 7, 14, 21] {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).ok()?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some(Packet { first: first[0], body })
    }

    /// Reads CONNECT and gives its protocol level: 4 or 5.
    pub fn connect(&mut self) -> Option<u8> {
        let packet = self.read()?;
        assert_eq!(packet.first, 0x10, "CONNECT comes first");
        Some(packet.body[6])
    }

    /// Sends bytes; an error means that the other side has gone.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Takes the client as every broker does.
    pub fn welcome(&mut self, level: u8) {
        self.send(if level == 5 { &[0x20, 3, 0, 0, 0] } else { &[0x20, 2, 0, 0] });
    }

    /// Answers a SUBSCRIBE with these codes.
    pub fn suback(&mut self, level: u8, id: [u8; 2], codes: &[u8]) {
        let properties: &[u8] = if level == 5 { &[0] } else { &[] };
        let length = u8::try_from(2 + properties.len() + codes.len()).expect("short");
        self.send(&[&[0x90, length], id.as_slice(), properties, codes].concat());
    }

    /// Takes the client, grants one filter per packet, acknowledges publishes, answers pings, until it goes.
    pub fn serve(&mut self, level: u8) {
        self.welcome(level);
        while let Some(packet) = self.read() {
            if let Some(id) = packet.subscribe() {
                self.suback(level, id, &[1]);
            } else if let Some(id) = packet.publish() {
                self.send(&[0x40, 2, id[0], id[1]]);
            } else if packet.first == 0xc0 {
                self.send(&[0xd0, 0]);
            }
        }
    }

    /// Reads and says nothing, until the other side goes.
    pub fn ignore(&mut self) {
        while self.read().is_some() {}
    }
}
