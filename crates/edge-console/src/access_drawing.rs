//! Where the nodes and lines of a graph stand, in the units of an SVG that the page holds. Colours are the style sheet's, so that both themes fit.

use edge_portal::words::language::Language;
use edge_portal::words::sentence::Sentence;

use crate::access_graph::{Graph, Place};
use crate::names::Names;
use crate::reached::Question;
use crate::thing::{Kind, Thing};

const WIDTH: usize = 196;
const HEIGHT: usize = 48;
const GAP: usize = 48;
const STEP: usize = 60;
/// Above the nodes: what the columns are.
const HEAD: usize = 36;
const EDGE: usize = 4;
/// Letters that fit a node.
const LETTERS: usize = 23;

/// A node.
pub(crate) struct Node {
    pub(crate) x: usize,
    pub(crate) y: usize,
    /// What fits.
    pub(crate) label: String,
    /// All of it.
    pub(crate) title: String,
    /// The second line.
    pub(crate) about: String,
    /// Where it leads; none of what stands for many.
    pub(crate) href: Option<String>,
    pub(crate) class: &'static str,
}

impl Node {
    /// Where its text begins.
    pub(crate) fn text_x(&self) -> usize {
        self.x + 14
    }

    /// Where its first line stands: higher where there is a second one.
    pub(crate) fn label_y(&self) -> usize {
        self.y + if self.about.is_empty() { 29 } else { 21 }
    }

    pub(crate) fn about_y(&self) -> usize {
        self.y + 38
    }
}

/// The head of a column.
pub(crate) struct Head {
    pub(crate) x: usize,
    pub(crate) text: Sentence,
}

/// A picture.
pub(crate) struct Drawing {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) heads: Vec<Head>,
    pub(crate) nodes: Vec<Node>,
    /// Lines, as `d` of a path has them.
    pub(crate) lines: Vec<String>,
    /// What it is drawn from, where that is not all.
    pub(crate) part: Option<Sentence>,
}

impl Drawing {
    #[expect(clippy::unused_self, reason = "templates ask a value")]
    pub(crate) const fn node_width(&self) -> usize {
        WIDTH
    }

    #[expect(clippy::unused_self, reason = "templates ask a value")]
    pub(crate) const fn node_height(&self) -> usize {
        HEIGHT
    }

    /// Of a graph, each node leading to the same question about it.
    pub(crate) fn of(graph: &Graph, names: &Names, question: &Question, language: Language) -> Self {
        let tallest = graph.columns.iter().map(height).max().unwrap_or_default();
        let mut nodes = Vec::new();
        for (at, column) in graph.columns.iter().enumerate() {
            let y = |row: usize| HEAD + row * STEP;
            for (row, thing) in column.nodes.iter().enumerate() {
                let class = if *thing == graph.of { "node of" } else { "node" };
                nodes.push(node((x(at), y(row)), thing, names, (question, class)));
            }
            if column.more > 0 {
                let more = language.say("access-and-more").count("count", column.more).to_string();
                nodes.push(Node {
                    x: x(at),
                    y: y(column.nodes.len()),
                    label: more.clone(),
                    title: more,
                    about: String::new(),
                    href: None,
                    class: "node more",
                });
            }
        }
        let heads = graph.columns.iter().enumerate();
        let part = language.say("access-drawn-from").count("count", graph.rows);
        Self {
            width: x(graph.columns.len().saturating_sub(1)) + WIDTH + EDGE,
            height: HEAD + tallest * STEP,
            heads: heads.map(|(at, column)| Head { x: x(at), text: column.kind.many(language) }).collect(),
            nodes,
            lines: graph.edges.iter().map(|(from, to)| line(*from, *to)).collect(),
            part: graph.has_more.then_some(part),
        }
    }
}

/// The rows of a column.
fn height(column: &crate::access_graph::Column) -> usize {
    column.nodes.len() + usize::from(column.more > 0)
}

const fn x(column: usize) -> usize {
    EDGE + column * (WIDTH + GAP)
}

fn node(
    (x, y): (usize, usize),
    thing: &Thing,
    names: &Names,
    (question, class): (&Question, &'static str),
) -> Node {
    let named = names.named(thing);
    // A person's name tells enough; accounts are told apart by their ids.
    let about = if thing.kind == Kind::Account { named.about } else { String::new() };
    Node {
        x,
        y,
        label: cut(&named.title),
        title: named.title,
        about,
        href: Some(format!("/console/access?{}", question.also(thing))),
        class,
    }
}

/// What fits a node.
fn cut(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    text.chars().take(LETTERS - 1).chain(['…']).collect()
}

/// A line from the right side of a node to the left side of another.
fn line(from: Place, to: Place) -> String {
    let y = |(_, row): Place| HEAD + row * STEP + HEIGHT / 2;
    let (start, end) = (x(from.0) + WIDTH, x(to.0));
    let middle = usize::midpoint(start, end);
    let (high, low) = (y(from), y(to));
    format!("M{start} {high}C{middle} {high} {middle} {low} {end} {low}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_by_letters() {
        assert_eq!(cut("short"), "short");
        let long = "Ü".repeat(40);
        assert_eq!(cut(&long).chars().count(), LETTERS);
        assert!(cut(&long).ends_with('…'));
    }
}
