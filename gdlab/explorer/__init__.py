"""The experiment that can be touched in a page: its own iteration in JavaScript, lane by lane."""

from gdlab.explorer.lanes import columns_of as columns_of
from gdlab.explorer.section import Section as Section
from gdlab.explorer.section import page as page
from gdlab.explorer.section import section as section
