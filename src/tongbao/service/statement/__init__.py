"""Statements on paper: their periods, their words in English and Chinese, and their forms as CSV, PDF and text."""
