"""What a project is made of: kinds, fields, values, people. Plain data, no input or output."""
