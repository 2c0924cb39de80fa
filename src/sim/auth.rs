//! Authentication: signatures, MACs and authenticators, and who can verify them.
//!
//! A node can sign only as itself: the context holds its identity, and the keys never leave this module. A [`Signed`]
//! body is an immutable shared handle, so keeping one in a certificate costs eight bytes, and its verdict, being a pure
//! function of (signer, digest, tag), is worked out once however many receive it.

use super::digest::{Digest, append, encode, encoded_len};
use super::random::{CounterKey, Purpose, Streams};
use super::{Duration, NodeId};
use ed25519_dalek::{Signature, Signer, SigningKey};
use rand::Rng;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use siphasher::sip::SipHasher24;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::hash::Hasher;
use std::ops::Deref;
use std::rc::Rc;

/// How messages are authenticated in a run.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Authentication {
    /// None: every claim of authorship is accepted. For networks that are trusted as a whole.
    None,
    /// A tag per signer over the digest, keyed SipHash: an ideal signature at the price of a hash.
    #[default]
    Mac,
    /// One tag per receiver, keyed per pair (Castro and Liskov, TOCS 2002, §3.2.1): an insider can make a message
    /// that only some receivers accept. What third parties must be able to check is signed as under `mac`.
    Authenticator,
    /// Real Ed25519 signatures (RFC 8032).
    Ed25519,
}

/// The proof that a body is its signer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Tag {
    /// No proof.
    Absent,
    /// A keyed tag that every node can check.
    Mac(u64),
    /// A keyed tag for every node, by number.
    Authenticator(Box<[u64]>),
    /// An Ed25519 signature.
    Ed25519(#[serde(serialize_with = "as_bytes")] Box<[u8; 64]>),
}

fn as_bytes<S: Serializer>(bytes: &[u8; 64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

impl Tag {
    /// Returns the tag's size on the wire, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Tag::Absent => 0,
            Tag::Mac(_) => 8,
            Tag::Authenticator(tags) => 8 * tags.len(),
            Tag::Ed25519(_) => 64,
        }
    }
}

/// A message body that can be signed.
///
/// A signature covers the kind, the scope (the session) and the canonical encoding of the body, so that neither a
/// body of another kind nor one of another session can pass for it.
pub trait Body: fmt::Debug + Serialize + 'static {
    /// Domain separator: distinguishes bodies with the same encoding.
    const KIND: &'static str;

    /// Returns the body's size on the wire, in bytes.
    fn size(&self) -> usize {
        encoded_len(self)
    }
}

/// The signer: its number within the protocol, and the node whose key it signs with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Node number within the protocol instance that signs.
    pub(super) name: NodeId,
    /// Node number within the run.
    pub(super) key: NodeId,
}

impl Identity {
    /// Returns the identity of a node in the outermost protocol.
    pub(super) fn own(node: NodeId) -> Identity {
        Identity { name: node, key: node }
    }
}

/// A body with its signer, digest and tag: an immutable, shared handle.
pub struct Signed<B>(Rc<Sealed<B>>);

struct Sealed<B> {
    body: B,
    seal: Seal,
}

/// What a signed body carries, whatever the body.
pub(super) struct Seal {
    /// The signer's number within the protocol instance: its place among the members of a child protocol.
    signer: NodeId,
    /// The node, by its number in the run, whose key signed.
    key: NodeId,
    scope: u64,
    digest: Digest,
    tag: Tag,
    size: u32,
    /// Cached result of verification, the same for every receiver; `None` before the first.
    verdict: Cell<Option<bool>>,
}

/// Where the tag of a seal comes from.
enum Tagger<'a> {
    /// From elsewhere, whatever the digest.
    Given(Tag),
    /// The signer's key, for anyone to check.
    Signature(&'a Keyring),
    /// The signer's keys with its receivers, for them to check.
    Authenticator(&'a Keyring),
}

impl Seal {
    /// Seals what `encoded` is the encoding of: kind, scope and a body of `size` bytes.
    fn of(encoded: &[u8], size: usize, identity: Identity, scope: u64, tagger: Tagger<'_>) -> Seal {
        let digest = Digest::of_bytes(encoded);
        let tag = match tagger {
            Tagger::Given(tag) => tag,
            Tagger::Signature(keyring) => keyring.signature(identity.key, &digest),
            Tagger::Authenticator(keyring) => keyring.authenticator(identity.key, &digest),
        };
        let size = (size + 4 + tag.size()) as u32;
        let Identity { name: signer, key } = identity;
        Seal { signer, key, scope, digest, tag, size, verdict: Cell::new(None) }
    }

    /// Returns the proof.
    pub(super) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Returns the claimed signer, by its number within the protocol instance.
    pub(super) fn signer(&self) -> NodeId {
        self.signer
    }

    fn identity(&self) -> Identity {
        Identity { name: self.signer, key: self.key }
    }

    fn proves_the_same(&self, other: &Seal) -> bool {
        (self.digest, self.signer, &self.tag) == (other.digest, other.signer, &other.tag)
    }

    /// Returns the tag with one bit flipped; `None` where there is no tag to damage.
    fn damaged_tag(&self) -> Option<Tag> {
        Some(match &self.tag {
            Tag::Absent => return None,
            Tag::Mac(tag) => Tag::Mac(tag ^ 1),
            Tag::Authenticator(tags) => Tag::Authenticator(tags.iter().map(|tag| tag ^ 1).collect()),
            Tag::Ed25519(bytes) => {
                let mut bytes = bytes.clone();
                bytes[0] ^= 1;
                Tag::Ed25519(bytes)
            }
        })
    }

    fn describe(&self, body: &dyn fmt::Debug, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{body:?} by {:?}", self.signer)
    }
}

/// The binary form: it contains the digest, because that covers the body.
impl Serialize for Seal {
    // Once, rather than in every body's.
    #[inline(never)]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.signer, self.digest, &self.tag).serialize(serializer)
    }
}

impl<B> Signed<B> {
    /// Returns the claimed signer, by its number within the protocol instance.
    pub fn signer(&self) -> NodeId {
        self.0.seal.signer
    }

    /// Returns the digest of kind, scope and body: what the tag vouches for.
    pub fn digest(&self) -> Digest {
        self.0.seal.digest
    }

    /// Returns the proof.
    pub fn tag(&self) -> &Tag {
        &self.0.seal.tag
    }

    /// Returns the cached result of verification; `None` before the first, and for authenticators, which every receiver
    /// verifies for itself.
    pub fn verified(&self) -> Option<bool> {
        self.0.seal.verdict.get()
    }

    /// Marks it as verified: for synthetic histories in oracle tests. No run uses it.
    #[cfg(any(test, feature = "testing"))]
    pub fn known_to_verify(self) -> Signed<B> {
        self.0.seal.verdict.set(Some(true));
        self
    }

    /// Body, signer and tag on the wire, in bytes.
    pub fn size(&self) -> usize {
        self.0.seal.size as usize
    }

    /// Returns true if both are the same signed body, whoever holds them.
    pub fn same(&self, other: &Signed<B>) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0.seal.proves_the_same(&other.0.seal)
    }

    pub(super) fn seal(&self) -> &Seal {
        &self.0.seal
    }
}

impl<B: Body> Signed<B> {
    /// `body` in `signer`'s name and `scope`, under a tag that `signer` need not have made.
    ///
    /// Anyone can construct one; it verifies only if the tag is valid. Used by adversaries and by corruption on the
    /// network.
    pub fn with_tag(body: B, signer: NodeId, scope: u64, tag: Tag) -> Signed<B> {
        Signed::new(body, Identity::own(signer), scope, &mut Vec::new(), Tagger::Given(tag))
    }

    fn new(body: B, identity: Identity, scope: u64, scratch: &mut Vec<u8>, tagger: Tagger<'_>) -> Signed<B> {
        begin(B::KIND, scope, scratch);
        append(&body, scratch);
        let seal = Seal::of(scratch, body.size(), identity, scope, tagger);
        Signed(Rc::new(Sealed { body, seal }))
    }
}

impl<B: Body + Clone> Signed<B> {
    /// Returns the same body under a tag that one flipped bit has made invalid; `None` where there is no tag to damage.
    pub fn damaged(&self) -> Option<Signed<B>> {
        Some(self.retagged(self.0.seal.identity(), self.0.seal.damaged_tag()?))
    }

    /// Returns the same body and scope in the name of `identity`, under `tag`.
    fn retagged(&self, identity: Identity, tag: Tag) -> Signed<B> {
        let Sealed { body, seal } = &*self.0;
        Signed::new(body.clone(), identity, seal.scope, &mut Vec::new(), Tagger::Given(tag))
    }
}

/// Replaces what `scratch` holds by the beginning of what a signature covers.
fn begin(kind: &'static str, scope: u64, scratch: &mut Vec<u8>) {
    encode(&(kind, scope), scratch);
}

impl<B> Clone for Signed<B> {
    fn clone(&self) -> Self {
        Signed(Rc::clone(&self.0))
    }
}

impl<B> Deref for Signed<B> {
    type Target = B;
    fn deref(&self) -> &B {
        &self.0.body
    }
}

impl<B: fmt::Debug> fmt::Debug for Signed<B> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.seal.describe(&self.0.body, out)
    }
}

/// Binary forms contain signer, digest and tag; human-readable ones contain body and signer.
impl<B: Serialize> Serialize for Signed<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return self.0.seal.serialize(serializer);
        }
        let mut signed = serializer.serialize_struct("synod::Signed", 2)?;
        signed.serialize_field("body", &self.0.body)?;
        signed.serialize_field("signer", &self.0.seal.signer)?;
        signed.end()
    }
}

/// Processor time charged for cryptography, in addition to what handlers charge.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct CryptoCost {
    /// Making a signature or a tag that all can check.
    pub sign: Duration,
    /// Checking one.
    pub verify: Duration,
    /// Making or checking one receiver's tag of an authenticator.
    pub mac: Duration,
}

/// All keys of a run.
pub struct Keyring {
    mode: Authentication,
    nodes: u32,
    root: CounterKey,
    signing: Box<[OnceCell<Box<SigningKey>>]>,
}

impl fmt::Debug for Keyring {
    /// Never prints a key.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Keyring({:?}, {} nodes)", self.mode, self.nodes)
    }
}

impl Keyring {
    pub(super) fn new(mode: Authentication, nodes: usize, streams: &Streams) -> Keyring {
        let real = if mode == Authentication::Ed25519 { nodes } else { 0 };
        Keyring {
            mode,
            nodes: nodes as u32,
            root: streams.counter(Purpose::Keys),
            signing: (0..real).map(|_| OnceCell::new()).collect(),
        }
    }

    /// Returns a tag of `key(signer, receiver)` over `digest`; a signer's key for all is the one for itself.
    fn sip(&self, signer: NodeId, receiver: NodeId, digest: &Digest) -> u64 {
        let mut key = self.root.draws(signer, receiver, 0);
        let mut hasher = SipHasher24::new_with_keys(key.next_u64(), key.next_u64());
        hasher.write(&digest.0);
        hasher.finish()
    }

    fn signing_key(&self, node: NodeId) -> &SigningKey {
        self.signing[node.index()].get_or_init(|| {
            let mut secret = [0; 32];
            self.root.draws(node, node, 1).fill_bytes(&mut secret);
            Box::new(SigningKey::from_bytes(&secret))
        })
    }

    /// Returns `signer`'s tag over `digest`, for anyone to check.
    fn signature(&self, signer: NodeId, digest: &Digest) -> Tag {
        match self.mode {
            Authentication::None => Tag::Absent,
            Authentication::Mac | Authentication::Authenticator => Tag::Mac(self.sip(signer, signer, digest)),
            Authentication::Ed25519 => {
                Tag::Ed25519(Box::new(self.signing_key(signer).sign(&digest.0).to_bytes()))
            }
        }
    }

    /// Returns `signer`'s tags over `digest`, for its receivers to check.
    fn authenticator(&self, signer: NodeId, digest: &Digest) -> Tag {
        if self.mode != Authentication::Authenticator {
            return self.signature(signer, digest);
        }
        Tag::Authenticator((0..self.nodes).map(|to| self.sip(signer, NodeId(to), digest)).collect())
    }

    /// Seals `body` as `signer`, for anyone to check, third parties too.
    pub(super) fn sign<B: Body>(
        &self,
        body: B,
        signer: Identity,
        scope: u64,
        scratch: &mut Vec<u8>,
    ) -> Signed<B> {
        Signed::new(body, signer, scope, scratch, Tagger::Signature(self))
    }

    /// Seals `body` as `signer`, for its receivers to check.
    pub(super) fn authenticate<B: Body>(
        &self,
        body: B,
        signer: Identity,
        scope: u64,
        scratch: &mut Vec<u8>,
    ) -> Signed<B> {
        Signed::new(body, signer, scope, scratch, Tagger::Authenticator(self))
    }

    /// Returns true if `receiver` may believe that the signer, whose key is that of `key`, made the seal within
    /// `scope`.
    pub(super) fn verify(&self, seal: &Seal, key: Option<NodeId>, receiver: NodeId, scope: u64) -> bool {
        if seal.scope != scope || Some(seal.key) != key || seal.key.0 >= self.nodes {
            return false;
        }
        if let Tag::Authenticator(tags) = &seal.tag {
            return self.mode == Authentication::Authenticator
                && tags.get(receiver.index()) == Some(&self.sip(seal.key, receiver, &seal.digest));
        }
        if let Some(verdict) = seal.verdict.get() {
            return verdict;
        }
        let verdict = match (self.mode, &seal.tag) {
            (Authentication::None, _) => true,
            (Authentication::Mac | Authentication::Authenticator, Tag::Mac(tag)) => {
                *tag == self.sip(seal.key, seal.key, &seal.digest)
            }
            (Authentication::Ed25519, Tag::Ed25519(bytes)) => self
                .signing_key(seal.key)
                .verifying_key()
                .verify_strict(&seal.digest.0, &Signature::from_bytes(bytes))
                .is_ok(),
            _ => false,
        };
        seal.verdict.set(Some(verdict));
        verdict
    }

    /// Returns how many tags of one receiver each it takes to seal for all, or `None` where one tag serves all.
    pub(super) fn tags_per_authenticator(&self) -> Option<u64> {
        (self.mode == Authentication::Authenticator).then_some(self.nodes as u64)
    }
}

/// The adversary's signing capability: the keys of the nodes it controls, and no others.
#[derive(Copy, Clone, Debug)]
pub struct Forge<'a> {
    pub(super) keyring: &'a Keyring,
    /// By node, whether the adversary holds its key.
    pub(super) held: &'a [bool],
}

impl Forge<'_> {
    /// Returns true if the adversary holds the key of `node`.
    pub fn holds(&self, node: NodeId) -> bool {
        self.held.get(node.index()).copied().unwrap_or(false)
    }

    /// `body` sealed by `signer` within `scope`, for anyone to check.
    ///
    /// # Panics
    /// If the adversary does not hold the signer's key.
    pub fn sign<B: Body>(&self, body: B, signer: NodeId, scope: u64) -> Signed<B> {
        assert!(self.holds(signer), "the key of {signer:?} is not the adversary's");
        self.keyring.sign(body, Identity::own(signer), scope, &mut Vec::new())
    }

    /// `body` in the place of what `original` says, sealed as that was; `None` if the adversary does not hold its
    /// signer's key.
    pub fn reseal<B: Body>(&self, original: &Signed<B>, body: B) -> Option<Signed<B>> {
        let Seal { scope, ref tag, .. } = original.0.seal;
        let tagger = match tag {
            Tag::Authenticator(_) => Tagger::Authenticator(self.keyring),
            _ => Tagger::Signature(self.keyring),
        };
        let signer = original.0.seal.identity();
        self.holds(signer.key).then(|| Signed::new(body, signer, scope, &mut Vec::new(), tagger))
    }

    /// `original` under an authenticator that is right for the receivers that `is_right` names, and wrong for the
    /// rest; `None` where authentication is not by authenticators, or the signer's key is not held.
    pub fn authenticate_for<B: Body + Clone>(
        &self,
        original: &Signed<B>,
        is_right: impl Fn(NodeId) -> bool,
    ) -> Option<Signed<B>> {
        let tag = self.spoiled_tag(&original.0.seal, &is_right)?;
        Some(original.retagged(original.0.seal.identity(), tag))
    }

    fn spoiled_tag(&self, seal: &Seal, is_right: &dyn Fn(NodeId) -> bool) -> Option<Tag> {
        let Tag::Authenticator(tags) = &seal.tag else { return None };
        let spoil = |(to, tag): (usize, &u64)| tag ^ u64::from(!is_right(NodeId(to as u32)));
        self.holds(seal.key).then(|| Tag::Authenticator(tags.iter().enumerate().map(spoil).collect()))
    }

    /// Returns what `original` says in the name of `signer`, under the tag that proves it another's.
    pub fn impersonate<B: Body + Clone>(&self, original: &Signed<B>, signer: NodeId) -> Signed<B> {
        original.retagged(Identity::own(signer), original.tag().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Serialize)]
    struct Vote(u64);
    impl Body for Vote {
        const KIND: &'static str = "vote";
    }

    #[derive(Clone, Debug, Serialize)]
    struct Ballot(u64);
    impl Body for Ballot {
        const KIND: &'static str = "ballot";
    }

    /// Returns true if `receiver` believes that `signed` is of the node that it names.
    fn verify<B>(keys: &Keyring, signed: &Signed<B>, receiver: NodeId, scope: u64) -> bool {
        keys.verify(signed.seal(), Some(signed.signer()), receiver, scope)
    }

    fn keyring(mode: Authentication) -> Keyring {
        Keyring::new(mode, 4, &Streams::new(1))
    }

    const TAGGED: [Authentication; 3] =
        [Authentication::Mac, Authentication::Authenticator, Authentication::Ed25519];

    #[test]
    fn only_the_signers_own_tag_verifies() {
        for mode in TAGGED {
            let keys = keyring(mode);
            for seal in [Keyring::sign::<Vote>, Keyring::authenticate::<Vote>] {
                let vote = seal(&keys, Vote(7), Identity::own(NodeId(1)), 0, &mut Vec::new());
                assert!(verify(&keys, &vote, NodeId(2), 0), "{mode:?}");
                assert!(!verify(&keys, &vote, NodeId(2), 9), "{mode:?}: another scope");
                let stolen = Signed::with_tag(Vote(7), NodeId(3), 0, vote.tag().clone());
                assert!(!verify(&keys, &stolen, NodeId(2), 0), "{mode:?}: another's name");
                let altered = Signed::with_tag(Vote(8), NodeId(1), 0, vote.tag().clone());
                assert!(!verify(&keys, &altered, NodeId(2), 0), "{mode:?}: another body");
                let damaged = vote.damaged().expect("it has a tag");
                assert!(!verify(&keys, &damaged, NodeId(2), 0), "{mode:?}: damaged");
            }
        }
    }

    #[test]
    fn a_name_within_a_protocol_goes_with_one_key() {
        for mode in TAGGED {
            let keys = keyring(mode);
            // Node 3 signs as member 1.
            let signer = Identity { name: NodeId(1), key: NodeId(3) };
            let vote = keys.sign(Vote(7), signer, 0, &mut Vec::new());
            assert_eq!(vote.signer(), NodeId(1));
            assert!(keys.verify(vote.seal(), Some(NodeId(3)), NodeId(2), 0), "{mode:?}");
            assert!(
                !keys.verify(vote.seal(), Some(NodeId(1)), NodeId(2), 0),
                "{mode:?}: that member is another node"
            );
            assert!(!keys.verify(vote.seal(), None, NodeId(2), 0), "{mode:?}: there is no such member");
            let forge = Forge { keyring: &keys, held: &[false, false, false, true] };
            let other = forge.reseal(&vote, Vote(8)).expect("its own");
            assert!(
                keys.verify(other.seal(), Some(NodeId(3)), NodeId(2), 0),
                "{mode:?}: a member of the adversary's"
            );
            let damaged = vote.damaged().expect("it has a tag");
            assert!(!keys.verify(damaged.seal(), Some(NodeId(3)), NodeId(2), 0), "{mode:?}: damaged");
        }
    }

    #[test]
    fn a_kind_cannot_pass_for_another() {
        let keys = keyring(Authentication::Mac);
        let vote = keys.sign(Vote(7), Identity::own(NodeId(1)), 0, &mut Vec::new());
        let ballot = Signed::with_tag(Ballot(7), NodeId(1), 0, vote.tag().clone());
        assert!(!verify(&keys, &ballot, NodeId(2), 0));
    }

    #[test]
    fn an_authenticator_can_be_right_for_some_receivers_only() {
        let keys = keyring(Authentication::Authenticator);
        let vote = keys.authenticate(Vote(7), Identity::own(NodeId(1)), 0, &mut Vec::new());
        let Tag::Authenticator(tags) = vote.tag() else { panic!("an authenticator") };
        let mut tags = tags.clone();
        tags[3] ^= 1;
        let partial = Signed::with_tag(Vote(7), NodeId(1), 0, Tag::Authenticator(tags));
        assert!(verify(&keys, &partial, NodeId(2), 0));
        assert!(!verify(&keys, &partial, NodeId(3), 0));
    }

    #[test]
    fn an_adversary_signs_for_its_own_nodes_alone() {
        for mode in TAGGED {
            let keys = keyring(mode);
            let forge = Forge { keyring: &keys, held: &[false, true, false, false] };
            let mine = keys.authenticate(Vote(7), Identity::own(NodeId(1)), 0, &mut Vec::new());
            let theirs = keys.authenticate(Vote(7), Identity::own(NodeId(2)), 0, &mut Vec::new());
            let other = forge.reseal(&mine, Vote(8)).expect("its own");
            assert!(verify(&keys, &other, NodeId(3), 0) && other.0.body.0 == 8, "{mode:?}");
            assert!(forge.reseal(&theirs, Vote(8)).is_none(), "{mode:?}");
            assert!(!verify(&keys, &forge.impersonate(&mine, NodeId(2)), NodeId(3), 0), "{mode:?}");
            let partial = forge.authenticate_for(&mine, |node| node == NodeId(3));
            assert_eq!(partial.is_some(), mode == Authentication::Authenticator);
            if let Some(partial) = partial {
                assert!(verify(&keys, &partial, NodeId(3), 0) && !verify(&keys, &partial, NodeId(2), 0));
            }
        }
    }

    #[test]
    fn without_authentication_anyones_word_is_taken() {
        let keys = keyring(Authentication::None);
        let claim = Signed::with_tag(Vote(1), NodeId(0), 0, Tag::Absent);
        assert!(verify(&keys, &claim, NodeId(2), 0));
        assert!(claim.damaged().is_none());
    }
}
