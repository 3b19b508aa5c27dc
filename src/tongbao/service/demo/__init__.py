"""The demonstration: a whole currency from genesis to supply proof, told step by step."""

from tongbao.service.demo.story import DemoResult, Step, tell_story

__all__ = ["DemoResult", "Step", "tell_story"]
