//! Attack 58: some hear only what their representative lets them hear.

use super::super::{Hierarchical, Message};
use super::AttackContext;
use synod_common::coalition::Strategy;
use synod_sim::inject::{Action, Envelope};
use synod_vote::weighted;

/// On liveness (E. Heilman et al., *Eclipse attacks on Bitcoin's peer-to-peer network*, USENIX Security 2015): victims
/// get heartbeats, so that they miss nobody, but no request and no result.
#[derive(Debug)]
pub(super) struct Eclipse;

impl Strategy<Hierarchical> for Eclipse {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let is_news = matches!(
            envelope.message,
            Message::VoteRequest(_) | Message::Challenge(_) | Message::FlatVote(weighted::Message::Result(_))
        );
        let config = &ctx.coalition.config;
        let home = config.tree.home(envelope.from);
        // Those right under it, in its own cell and at the head of others.
        let cell = config.tree.cell(home);
        let members = config.tree.members(home).iter().copied();
        let heads = cell.children.iter().map(|&child| config.tree.representative(child, 0));
        let children: Vec<_> = members.chain(heads).filter(|&node| !ctx.coalition.contains(node)).collect();
        let victims = ctx.coalition.scaled(children.len() as u64) as usize;
        if is_news && children[children.len() - victims..].contains(&envelope.to) {
            Action::Drop
        } else {
            Action::Pass
        }
    }
}
