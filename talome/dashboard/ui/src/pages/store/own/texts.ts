import '../stacks/texts';
