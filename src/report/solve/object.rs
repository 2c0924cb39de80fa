//! The JSON object.

use super::money;
use serde_json::{Value, json};
use synod_economics::answer::{
    Answer, BundleAnswer, GameAnswer, LotPrices, MarketAnswer, MarketRule, SealedAnswer,
};
use synod_economics::clearing::Side;

/// Returns what the file `name` comes to as one JSON object. Exact numbers are texts.
///
/// # Panics
/// Never: all that is in it has a JSON form.
pub fn answer_object(name: &str, answer: &Answer) -> String {
    let mut object = match answer {
        Answer::Game(game) => of_game(game),
        Answer::Sealed(sealed) => of_sealed(sealed),
        Answer::Bundles(bundles) => of_bundles(bundles),
        Answer::Market(market) => of_market(market),
    };
    object["file"] = name.into();
    serde_json::to_string_pretty(&object).expect("it has a JSON form")
}

fn of_game(game: &GameAnswer) -> Value {
    let equilibria = game.equilibria.iter().map(|one| {
        let shares = one.mixed.iter().map(|own| own.iter().map(ToString::to_string).collect::<Vec<_>>());
        let payoffs = one.payoffs.iter().map(ToString::to_string);
        json!({ "strategies": shares.collect::<Vec<_>>(), "payoffs": payoffs.collect::<Vec<_>>(), "pure": one.is_pure() })
    });
    json!({
        "kind": "game",
        "title": game.title,
        "players": game.players,
        "strategies": game.strategies,
        "equilibria": equilibria.collect::<Vec<_>>(),
        "degenerate": game.degenerate,
        "complete": game.complete,
    })
}

fn of_sealed(sealed: &SealedAnswer) -> Value {
    let of = |amount| money(amount, sealed.decimals);
    let refused = sealed.refused.iter().map(|(row, why)| json!({ "row": row, "why": why }));
    json!({
        "kind": "sealed_bids",
        "rule": if sealed.first_price { "first_price" } else { "second_price" },
        "reserve": of(sealed.reserve),
        "winner": sealed.sold.as_ref().map(|(winner, _)| winner),
        "price": sealed.sold.as_ref().map(|(_, price)| of(*price)),
        "refused": refused.collect::<Vec<_>>(),
    })
}

fn of_bundles(bundles: &BundleAnswer) -> Value {
    let of = |amount| money(amount, bundles.decimals);
    let winners = bundles.winners.iter().map(|winner| {
        json!({
            "bidder": winner.bidder,
            "items": winner.items,
            "bid": of(winner.bid),
            "payment": winner.payment.map(of),
        })
    });
    json!({
        "kind": "bundle_bids",
        "rule": if bundles.greedy { "greedy" } else { "vcg" },
        "welfare": of(bundles.welfare),
        "bound": bundles.bound.map(of),
        "proven": (!bundles.greedy).then_some(bundles.proven),
        "revenue": bundles.revenue.map(of),
        "winners": winners.collect::<Vec<_>>(),
        "branch_nodes": bundles.work.0,
        "table_cells": bundles.work.1,
    })
}

fn of_market(market: &MarketAnswer) -> Value {
    let of = |amount| money(amount, market.decimals);
    let goods = market.goods.iter().map(|good| {
        let fills = good.fills.iter().map(|fill| {
            let side = match fill.side {
                Side::Bid => "bid",
                Side::Ask => "ask",
            };
            json!({ "id": fill.id, "side": side, "quantity": fill.quantity, "transfer": of(fill.transfer) })
        });
        let prices = match good.prices {
            None => Value::Null,
            Some(LotPrices::Uniform { price, low, high }) => {
                json!({ "price": of(price), "low": of(low), "high": of(high) })
            }
            Some(LotPrices::Apart { buyers, sellers }) => json!({ "buyers": of(buyers), "sellers": of(sellers) }),
        };
        json!({
            "good": good.good,
            "orders": good.orders,
            "volume": good.volume,
            "prices": prices,
            "surplus": good.surplus.map(|(buyers, sellers)| json!({ "buyers": of(buyers), "sellers": of(sellers) })),
            "kept": of(good.kept),
            "fills": fills.collect::<Vec<_>>(),
        })
    });
    json!({
        "kind": "orders",
        "rule": match market.rule {
            MarketRule::Uniform => "uniform",
            MarketRule::McAfee => "mcafee",
        },
        "goods": goods.collect::<Vec<_>>(),
    })
}
