"""main.cf and master.cf: text -> settings and services; every value knows its file and line."""
