//! An HTTP/1.1 client over one connection that is kept alive. Small, so that the load costs the
//! machine little beside the server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Result;

pub struct Client {
    connection: BufReader<TcpStream>,
    host: String,
    pub body: Vec<u8>,
}

impl Client {
    pub fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { connection: BufReader::new(stream), host: address.to_owned(), body: Vec::new() })
    }

    /// Sends JSON and reads the whole reply; returns its status.
    pub fn post(&mut self, path: &str, json: &str) -> Result<u16> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.host,
            json.len()
        );
        self.exchange(format!("{head}{json}").as_bytes())
    }

    pub fn get(&mut self, path: &str) -> Result<u16> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.exchange(head.as_bytes())
    }

    fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.connection.get_mut().write_all(request)?;
        let status = self.line()?.split(' ').nth(1).ok_or("a reply without a status")?.parse()?;
        let mut length = None;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = Some(value.trim().parse()?);
            }
        }
        self.body.resize(length.ok_or("a reply without a length")?, 0);
        self.connection.read_exact(&mut self.body)?;
        Ok(status)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.connection.read_line(&mut line)? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(line.trim_end().to_owned())
    }
}
