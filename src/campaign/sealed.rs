//! Files of Synod's own that programs go on from: one JSON object that begins with what it is, in which form, and with the
//! checksum of all the rest. What is damaged, foreign or of another form is refused, and never taken for something else.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;

/// A kind of file.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Seal {
    /// What it is, in one word.
    pub(crate) kind: &'static str,
    /// The form of its content. It is raised with every change of what the content holds.
    pub(crate) form: u32,
}

impl Seal {
    /// Returns the file that holds `content`, which must be an object.
    ///
    /// # Errors
    /// If `content` has no JSON form.
    ///
    /// # Panics
    /// If it is no object.
    pub(crate) fn close(self, content: &impl Serialize) -> io::Result<Vec<u8>> {
        let text = serde_json::to_string(content)?;
        let rest = text.strip_prefix('{').expect("it is an object");
        Ok(format!("{}{rest}", self.head(rest.as_bytes())).into_bytes())
    }

    /// Reads a file, or says why it is none of this kind: a sentence without its subject.
    pub(crate) fn open<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, String> {
        let Seal { kind, form } = self;
        if !bytes.starts_with(format!("{{\"{kind}\":{form},").as_bytes()) {
            return Err(format!("is no {kind} that this version reads"));
        }
        let (head, rest) = bytes.split_at(self.head(b"").len().min(bytes.len()));
        if head != self.head(rest).as_bytes() {
            return Err("is damaged: its checksum does not fit".to_owned());
        }
        serde_json::from_slice(&[b"{", rest].concat()).map_err(|_| format!("is no {kind}"))
    }

    /// Returns what a file begins with that goes on with `rest`.
    fn head(self, rest: &[u8]) -> String {
        format!("{{\"{}\":{},\"blake3\":\"{}\",", self.kind, self.form, blake3::hash(rest).to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const SEAL: Seal = Seal { kind: "plan", form: 3 };

    #[test]
    fn what_was_sealed_is_read_and_nothing_else() {
        let content = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
        let file = SEAL.close(&content).expect("it has a form");
        assert_eq!(SEAL.open(&file), Ok(content.clone()));
        let refused = |bytes: &[u8]| SEAL.open::<BTreeMap<String, u64>>(bytes).expect_err("it is refused");
        for other in [Seal { kind: "shard", form: 3 }, Seal { kind: "plan", form: 2 }] {
            let file = other.close(&content).expect("it has a form");
            assert_eq!(refused(&file), "is no plan that this version reads");
        }
        for place in 12..file.len() {
            let mut damaged = file.clone();
            damaged[place] ^= 1;
            assert_eq!(refused(&damaged), "is damaged: its checksum does not fit", "byte {place}");
            assert_eq!(refused(&file[..place]), "is damaged: its checksum does not fit", "cut at {place}");
        }
        assert_eq!(SEAL.open::<Vec<u64>>(&file), Err("is no plan".to_owned()));
    }
}
